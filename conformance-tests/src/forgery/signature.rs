//! Another signature, under header and payload as they are.

use sha2::{Digest as _, Sha256, Sha512};

use super::algorithm::{integer, tlv};
use super::{Forgery, Genuine, decoded, encoded, forgery};

/// The order of P-256 (SEC 2 §2.4.2), of which r and s must be less.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Forgeries of the signature.
#[must_use]
pub fn forgeries(genuine: &Genuine) -> Vec<Forgery> {
    let [h, p, s] = genuine.parts();
    let real = decoded(s);
    let signed = format!("{h}.{p}");
    let with = |what: String, signature: &[u8]| forgery(what, format!("{signed}.{}", encoded(signature)));
    let mut all = Vec::new();
    for (what, byte) in [("zeros", 0), ("ones", 0xff)] {
        for length in [1, 32, 63, 64, 65, 128, 255, 256, 257, 512] {
            all.push(with(format!("{length} bytes of {what}"), &vec![byte; length]));
        }
    }
    let half = real.len() / 2;
    let (left, right) = real.split_at(half);
    let zero = vec![0; half];
    for (what, signature) in [
        ("one byte short", real[1..].to_vec()),
        ("one byte short at the end", real[..real.len() - 1].to_vec()),
        ("a zero byte before it", [&[0], real.as_slice()].concat()),
        ("a zero byte after it", [real.as_slice(), &[0]].concat()),
        ("twice", [real.as_slice(), &real].concat()),
        ("the left half alone", left.to_vec()),
        ("the right half alone", right.to_vec()),
        ("halves swapped", [right, left].concat()),
        ("the left half twice", [left, left].concat()),
        ("the right half twice", [right, right].concat()),
        ("a zero left half", [&zero, right].concat()),
        ("a zero right half", [left, &zero].concat()),
        ("backwards", real.iter().rev().copied().collect()),
        ("inverted", real.iter().map(|byte| !byte).collect()),
        ("in hex", real.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()),
        ("in base64", s.as_bytes().to_vec()),
        ("r and s the order", [ORDER, ORDER].concat()),
        ("r and s one", [[&[0; 31][..], &[1]].concat(), [&[0; 31][..], &[1]].concat()].concat()),
        ("in DER", tlv(0x30, &[integer(left), integer(right)].concat())),
        ("zeros in DER", tlv(0x30, &[integer(&[0]), integer(&[0])].concat())),
        ("SHA-256 of what is signed", Sha256::digest(&signed).to_vec()),
        ("SHA-512 of what is signed", Sha512::digest(&signed).to_vec()),
        ("what is signed", signed.as_bytes()[..real.len().min(signed.len())].to_vec()),
    ] {
        all.push(with(what.to_owned(), &signature));
    }
    for bit in (0..real.len() * 8).step_by(real.len() * 8 / 32) {
        let mut changed = real.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        all.push(with(format!("bit {bit} turned"), &changed));
    }
    all
}
