//! How little a guesser would need who knows how people make passwords.
//!
//! A text is cut into parts, each with what it costs to guess: a word of the list, a run along the alphabet
//! or the keyboard, a repetition, a year, or else a single character. The cheapest cutting counts.

use zeroize::Zeroizing;

/// Common words and phrases, one a line: those that lists of leaked passwords are full of, gathered by hand.
const COMMON: &str = include_str!("../common.txt");

/// Ways along the keyboard, walked in both directions.
const WAYS: [&str; 14] = [
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "azertyuiop",
    "qwertzuiop",
    "yxcvbnm",
    "!@#$%^&*()+",
    "!\"#$%&'()=~",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "q1w2e3r4t5y6u7i8o9p0",
];

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A character by itself.
    Single,
    /// A common word or phrase.
    Common,
    /// A word of the context.
    Context,
    /// A run along the alphabet or the keyboard, or of one character.
    Run,
    /// Something that stood before.
    Again,
    /// A year.
    Year,
}

/// The cheapest way to a text.
#[derive(Debug)]
pub(super) struct Guess {
    /// Tenths of a bit.
    pub(super) effort: u32,
    /// What the text is made of, the last part first.
    pub(super) parts: Vec<Part>,
}

#[derive(Clone, Copy)]
struct Step {
    effort: u32,
    from: usize,
    part: Part,
}

/// The cheapest way to a text in lower case. `context` are words that cost next to nothing.
pub(super) fn cheapest(text: &str, context: &[&str]) -> Guess {
    let text: Zeroizing<Vec<char>> = Zeroizing::new(text.chars().collect());
    let common: Vec<Vec<char>> = COMMON.lines().map(|word| word.chars().collect()).collect();
    let context: Vec<Vec<char>> = context.iter().map(|word| word.chars().collect()).collect();
    // best[i] is the cheapest way to the first i characters.
    let mut best: Vec<Option<Step>> = vec![None; text.len() + 1];
    best[0] = Some(Step { effort: 0, from: 0, part: Part::Single });
    for from in 0..text.len() {
        let Some(Step { effort: before, .. }) = best[from] else { continue };
        let mut offer = |length: usize, part: Part, cost: u32| {
            let effort = before.saturating_add(cost);
            if let Some(place) = best.get_mut(from + length)
                && place.is_none_or(|step| effort < step.effort)
            {
                *place = Some(Step { effort, from, part });
            }
        };
        let rest = &text[from..];
        offer(1, Part::Single, single(rest[0]));
        for word in &context {
            if let Some(swaps) = reads(rest, word) {
                offer(word.len(), Part::Context, 30 + 10 * swaps);
            }
        }
        for word in &common {
            if let Some(swaps) = reads(rest, word) {
                offer(word.len(), Part::Common, 100 + 10 * swaps);
            }
        }
        for length in 3..=run(rest) {
            offer(length, Part::Run, 80);
        }
        for length in 3..=again(&text, from) {
            offer(length, Part::Again, 40);
        }
        if is_year(rest) {
            offer(4, Part::Year, 60);
        }
    }
    retrace(&best)
}

fn retrace(best: &[Option<Step>]) -> Guess {
    let mut at = best.len() - 1;
    let effort = best[at].map_or(0, |step| step.effort);
    let mut parts = Vec::new();
    while at > 0 {
        let Some(step) = best[at] else { break };
        parts.push(step.part);
        at = step.from;
    }
    Guess { effort, parts }
}

/// The cost of a character by itself.
fn single(c: char) -> u32 {
    match c {
        '0'..='9' => 33,
        'a'..='z' => 47,
        _ if c.is_ascii() => 50,
        _ => 80,
    }
}

/// Whether the text begins with a word, signs read as the letters they stand for, and how many are.
fn reads(text: &[char], word: &[char]) -> Option<u32> {
    let mut swaps = 0;
    for (at, letter) in word.iter().enumerate() {
        let c = text.get(at)?;
        if c != letter {
            if !stands_for(*c, *letter) {
                return None;
            }
            swaps += 1;
        }
    }
    Some(swaps)
}

fn stands_for(c: char, letter: char) -> bool {
    matches!(
        (c, letter),
        ('4' | '@', 'a')
            | ('8', 'b')
            | ('3' | '€', 'e')
            | ('9' | '6', 'g')
            | ('1' | '!' | '|', 'i' | 'l')
            | ('0', 'o')
            | ('5' | '$', 's')
            | ('7' | '+', 't')
            | ('2', 'z')
    )
}

/// How many characters from the start follow one way, or are all the same.
fn run(text: &[char]) -> usize {
    let same = text.iter().take_while(|c| Some(*c) == text.first()).count();
    WAYS.iter()
        .flat_map(|way| [way.chars().collect::<Vec<_>>(), way.chars().rev().collect()])
        .map(|way| walked(text, &way))
        .fold(same, usize::max)
}

/// How many characters from the start follow this way; past its end it begins again.
fn walked(text: &[char], way: &[char]) -> usize {
    let Some(begin) = text.first().and_then(|first| way.iter().position(|c| c == first)) else { return 0 };
    text.iter().zip(way.iter().cycle().skip(begin)).take_while(|(a, b)| a == b).count()
}

/// How many characters at `from` stood before it already, in one piece.
fn again(text: &[char], from: usize) -> usize {
    (0..from)
        .map(|earlier| {
            let (piece, rest) = (&text[earlier..from], &text[from..]);
            piece.iter().zip(rest).take_while(|(a, b)| a == b).count()
        })
        .max()
        .unwrap_or(0)
}

fn is_year(text: &[char]) -> bool {
    matches!(text, ['1', '9', a, b, ..] | ['2', '0', a, b, ..] if a.is_ascii_digit() && b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<Part> {
        let mut parts = cheapest(text, &["acme"]).parts;
        parts.reverse();
        parts
    }

    #[test]
    fn texts_are_cut_where_a_guesser_would_cut_them() {
        use Part::{Again, Common, Context, Run, Single, Year};
        assert_eq!(parts("password2024"), [Common, Year]);
        assert_eq!(parts("p4$$w0rdqwerty"), [Common, Run]);
        assert_eq!(parts("acmeacme"), [Context, Context]);
        assert_eq!(parts("x7!x7!"), [Single, Single, Single, Again]);
        assert_eq!(parts("kkkkkkkk"), [Run]);
        assert_eq!(parts("123456789012345"), [Run]);
        assert_eq!(parts("lkjhgfdsa"), [Run]);
        assert_eq!(parts(""), []);
    }

    #[test]
    fn the_list_is_sorted_lower_case_and_has_no_word_twice() {
        let words: Vec<&str> = COMMON.lines().collect();
        assert!(words.len() > 400);
        assert!(words.is_sorted_by(|a, b| a < b));
        assert!(words.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())));
    }

    #[test]
    fn characters_beyond_ascii_cost_more() {
        assert!(cheapest("夏の夜は短い", &[]).effort > cheapest("natsun", &[]).effort);
    }

    #[test]
    fn the_longest_password_is_judged_quickly() {
        let text: String = ('!'..='~').cycle().step_by(7).take(128).collect();
        let begun = std::time::Instant::now();
        cheapest(&text.to_lowercase(), &[]);
        assert!(begun.elapsed() < std::time::Duration::from_secs(2));
    }
}
