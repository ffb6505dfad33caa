//! Tries the library out by hand.

fn main() {
    print!("{}", tidewords_format::frame("one line to look at"));
}
