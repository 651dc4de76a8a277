use super::*;
use crate::oath::Seed;

/// 07081804 is shown at 1111111109 (period 37037036), 14050471 from 1111111110 on (RFC 6238 appendix B).
const NOW: i64 = 1_111_111_111;
const STEP: i64 = 37_037_037;

fn seed() -> Seed {
    Seed::new(b"12345678901234567890".to_vec()).unwrap()
}

fn time() -> Token {
    Token::new(Kind::Time, 6, 30, seed()).unwrap()
}

/// An event-based token whose next counter is `counter`.
fn event(counter: i64) -> Token {
    Token::new(Kind::Event, 6, 0, seed()).unwrap().at(counter - 1, 0)
}

fn check(token: &Token, position: i64) -> Match {
    token.check(&token.code(position), Window::default(), NOW)
}

fn pair(token: &Token, first: i64, second: i64) -> Option<PairMatch> {
    let codes = [token.code(first), token.code(second)];
    token.check_pair([codes[0].as_str(), codes[1].as_str()], Window::default(), NOW)
}

#[test]
fn rfc_6238_5_2_one_step_to_either_side_is_accepted() {
    for offset in [-1, 0, 1] {
        let expected = Match::Accepted { position: STEP + offset, drift: i32::try_from(offset).unwrap() };
        assert_eq!(check(&time(), STEP + offset), expected);
    }
    for offset in [-64, -2, 2, 64] {
        assert_eq!(check(&time(), STEP + offset), Match::OutOfStep { position: STEP + offset });
    }
    assert_eq!(check(&time(), STEP - 65), Match::Wrong);
    assert_eq!(check(&time(), STEP + 65), Match::Wrong);
}

#[test]
fn rfc_6238_5_2_a_code_is_accepted_once_and_only_forward() {
    let spent = time().at(STEP, 0);
    assert_eq!(check(&spent, STEP), Match::Replayed);
    assert_eq!(check(&spent, STEP - 1), Match::Replayed);
    assert_eq!(check(&spent, STEP - 40), Match::Replayed);
    assert_eq!(check(&spent, STEP + 1), Match::Accepted { position: STEP + 1, drift: 1 });
    assert_eq!(check(&time().at(STEP + 1, 0), STEP + 1), Match::Replayed);
}

#[test]
fn windows_are_as_wide_as_vip_has_them() {
    for accept in [10, 64] {
        let window = Window { accept, ..Window::default() };
        let token = time();
        for offset in [-i64::from(accept), i64::from(accept)] {
            let verdict = token.check(&token.code(STEP + offset), window, NOW);
            assert!(matches!(verdict, Match::Accepted { position, .. } if position == STEP + offset));
        }
        let beyond = token.check(&token.code(STEP + i64::from(accept) + 1), window, NOW);
        assert!(!matches!(beyond, Match::Accepted { .. }));
    }
}

#[test]
fn a_window_beyond_reason_is_bounded() {
    let window = Window { accept: u32::MAX, resync: u32::MAX, look_ahead: u32::MAX, event_resync: u32::MAX };
    let token = time();
    let farthest = STEP + i64::from(FARTHEST);
    assert!(matches!(token.check(&token.code(farthest), window, NOW), Match::Accepted { .. }));
    let counted = event(0);
    assert!(matches!(counted.check(&counted.code(1_000), window, NOW), Match::Accepted { .. }));
}

#[test]
fn rfc_6238_6_drift_is_learned_and_centres_the_window() {
    let ahead = time().at(STEP - 100, 5);
    assert_eq!(check(&ahead, STEP + 6), Match::Accepted { position: STEP + 6, drift: 6 });
    assert_eq!(check(&ahead, STEP + 4), Match::Accepted { position: STEP + 4, drift: 4 });
    assert_eq!(check(&ahead, STEP), Match::OutOfStep { position: STEP });
    // A clock that loses a step: learned where a code typed at once stays acceptable, no further.
    let behind = time().at(STEP - 100, -1);
    assert_eq!(check(&behind, STEP - 2), Match::Accepted { position: STEP - 2, drift: -1 });
    assert_eq!(check(&behind, STEP), Match::Accepted { position: STEP, drift: 0 });
}

#[test]
fn codes_typed_late_never_push_a_good_token_out_of_step() {
    let mut token = time();
    for round in 0..50_i64 {
        let now = NOW + round * 300;
        let late = if round % 3 == 0 { 0 } else { 1 };
        let code = token.code(token.position(now) - late);
        match token.check(&code, Window::default(), now) {
            Match::Accepted { position, drift } => token = token.at(position, drift),
            other => panic!("round {round}: {other:?}"),
        }
    }
}

#[test]
fn near_the_beginning_of_time_nothing_underflows() {
    let token = time();
    for now in [i64::MIN, -1, 0, 1, 29, 30] {
        let at = token.position(now);
        let verdict = token.check(&token.code(at), Window::default(), now);
        assert_eq!(verdict, Match::Accepted { position: at, drift: 0 }, "at {now}");
    }
    let behind = time().at(-1, -50);
    assert!(matches!(behind.check(&behind.code(0), Window::default(), 0), Match::Accepted { .. }));
    assert_eq!(time().at(i64::MIN, i32::MIN).check("000000", Window::default(), 0), Match::Wrong);
    assert_eq!(event(i64::MAX).check("000000", Window::default(), 0), Match::Wrong);
    assert_eq!(time().at(0, i32::MAX).check("000000", Window::default(), i64::MAX), Match::Wrong);
}

#[test]
fn rfc_4226_7_4_event_codes_are_accepted_within_the_look_ahead() {
    let token = event(5);
    assert_eq!(check(&token, 5), Match::Accepted { position: 5, drift: 0 });
    assert_eq!(check(&token, 15), Match::Accepted { position: 15, drift: 0 });
    assert_eq!(check(&token, 16), Match::OutOfStep { position: 16 });
    assert_eq!(check(&token, 105), Match::OutOfStep { position: 105 });
    assert_eq!(check(&token, 106), Match::Wrong);
    assert_eq!(check(&token, 4), Match::Replayed);
    assert_eq!(check(&token, 0), Match::Replayed);
}

#[test]
fn codes_are_read_as_people_type_them() {
    let token = time();
    for typed in ["050471", " 050471 ", "050 471", "05 04 71", "\t050471\n"] {
        assert!(matches!(token.check(typed, Window::default(), NOW), Match::Accepted { .. }), "{typed:?}");
    }
    let full_width: String = "050471".chars().filter_map(|c| char::from_u32(c as u32 + 0xfee0)).collect();
    for typed in ["", " ", "50471", "0504710", "050-471", "05047a", "+50471", &full_width, "٠٥٠٤٧١", "0x0471"]
    {
        assert_eq!(token.check(typed, Window::default(), NOW), Match::Wrong, "{typed:?}");
    }
    let padded = format!("{}050471", " ".repeat(100));
    assert_eq!(token.check(&padded, Window::default(), NOW), Match::Wrong);
}

#[test]
fn codes_of_eight_digits_are_checked_whole() {
    let token = Token::new(Kind::Time, 8, 30, seed()).unwrap();
    assert!(matches!(token.check("1405 0471", Window::default(), NOW), Match::Accepted { .. }));
    assert_eq!(token.check("050471", Window::default(), NOW), Match::Wrong);
    assert_eq!(token.check("24050471", Window::default(), NOW), Match::Wrong);
}

#[test]
fn two_codes_in_a_row_place_a_token() {
    let codes = ["081804", "050471"];
    let expected = PairMatch { position: STEP, drift: 0 };
    assert_eq!(time().check_pair(codes, Window::default(), NOW), Some(expected));
    for first in [STEP - 64, STEP - 3, STEP + 10, STEP + 64] {
        let drift = i32::try_from(first + 1 - STEP).unwrap();
        assert_eq!(pair(&time(), first, first + 1), Some(PairMatch { position: first + 1, drift }));
    }
    assert_eq!(pair(&time(), STEP - 65, STEP - 64), None);
    assert_eq!(pair(&time(), STEP + 65, STEP + 66), None);
}

#[test]
fn two_codes_that_are_equal_reversed_or_apart_are_refused() {
    assert_eq!(pair(&time(), STEP, STEP), None);
    assert_eq!(pair(&time(), STEP + 1, STEP), None);
    assert_eq!(pair(&time(), STEP - 1, STEP + 1), None);
    assert_eq!(time().check_pair(["050471", ""], Window::default(), NOW), None);
    assert_eq!(time().check_pair(["", "050471"], Window::default(), NOW), None);
}

#[test]
fn two_codes_are_refused_where_either_was_used() {
    assert_eq!(pair(&time().at(STEP - 1, 0), STEP - 1, STEP), None);
    assert_eq!(pair(&time().at(STEP, 0), STEP - 1, STEP), None);
    assert!(pair(&time().at(STEP - 2, 0), STEP - 1, STEP).is_some());
    assert_eq!(pair(&event(6), 5, 6), None);
    assert_eq!(pair(&event(6), 6, 7), Some(PairMatch { position: 7, drift: 0 }));
    assert_eq!(pair(&event(6), 106, 107), Some(PairMatch { position: 107, drift: 0 }));
    assert_eq!(pair(&event(6), 107, 108), None);
}

#[test]
fn a_token_out_of_step_is_placed_by_its_next_code_and_then_accepted() {
    let lost = time();
    assert_eq!(check(&lost, STEP + 20), Match::OutOfStep { position: STEP + 20 });
    let found = pair(&lost, STEP + 20, STEP + 21).unwrap();
    let token = lost.at(found.position, found.drift);
    assert_eq!(check(&token, STEP + 21), Match::Replayed);
    assert_eq!(check(&token, STEP + 22), Match::Accepted { position: STEP + 22, drift: 22 });
}
