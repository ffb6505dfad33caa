//! Prints its arguments in a frame.

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    print!("{}", tidewords_format::frame(&words.join(" ")));
}
