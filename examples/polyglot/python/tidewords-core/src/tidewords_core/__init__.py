"""Which greeting fits which hour."""

GREETINGS = ((5, "Good night"), (12, "Good morning"), (18, "Good afternoon"), (24, "Good evening"))


def greeting(hour: int) -> str:
    """The greeting for an hour from 0 to 23."""
    for end, words in GREETINGS:
        if 0 <= hour < end:
            return words
    raise ValueError(f"there is no hour {hour}")
