//! PSKC files of as many keys as wanted (RFC 6030), written without holding them in memory.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use aes::Aes128;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

const KEY: [u8; 16] = *b"agreed with them";
const MAC_KEY: [u8; 20] = *b"a key for MACs alone";

/// How a file's seeds are protected.
#[derive(Clone, Copy, Debug)]
pub enum Protection {
    /// Not at all.
    Plain,
    /// AES-128-CBC under [`key`], each with an HMAC-SHA256.
    Aes,
}

/// The key of encrypted files, as `--key-file` takes it.
#[must_use]
pub fn key() -> String {
    STANDARD.encode(KEY)
}

/// Writes a container of that many time-based keys, `VSMT00000000` and on, each with a seed of its own.
///
/// # Errors
/// Those of the file system.
///
/// # Panics
/// Never: the sizes are known.
pub fn write(file: &Path, keys: u32, protection: Protection) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    write!(
        out,
        "<?xml version=\"1.0\"?>\n<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\">\n"
    )?;
    if matches!(protection, Protection::Aes) {
        write!(
            out,
            "<EncryptionKey><ds:KeyName>agreed</ds:KeyName></EncryptionKey>\n\
             <MACMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256\"><MACKey>{}</MACKey></MACMethod>\n",
            cipher(&encrypted(0, &MAC_KEY))
        )?;
    }
    for row in 0..keys {
        let secret = secret(row, protection);
        writeln!(
            out,
            "<KeyPackage><DeviceInfo><Manufacturer>Example</Manufacturer><SerialNo>{row}</SerialNo></DeviceInfo>\
             <Key Id=\"VSMT{row:08}\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\"><Issuer>Example</Issuer>\
             <AlgorithmParameters><ResponseFormat Length=\"6\" Encoding=\"DECIMAL\"/></AlgorithmParameters>\
             <Data><Secret>{secret}</Secret><TimeInterval><PlainValue>30</PlainValue></TimeInterval></Data>\
             </Key></KeyPackage>"
        )?;
    }
    writeln!(out, "</KeyContainer>")?;
    out.flush()
}

fn secret(row: u32, protection: Protection) -> String {
    let mut seed = *b"a seed of 20 bytes 0";
    seed[..4].copy_from_slice(&row.to_be_bytes());
    match protection {
        Protection::Plain => format!("<PlainValue>{}</PlainValue>", STANDARD.encode(seed)),
        Protection::Aes => {
            let text = encrypted(row, &seed);
            let mac = Hmac::<Sha256>::new_from_slice(&MAC_KEY).expect("any length");
            let tag = mac.chain_update(&text).finalize().into_bytes();
            let mut secret = format!("<EncryptedValue>{}</EncryptedValue>", cipher(&text));
            write!(secret, "<ValueMAC>{}</ValueMAC>", STANDARD.encode(tag)).expect("a string takes all");
            secret
        }
    }
}

fn cipher(text: &[u8]) -> String {
    format!(
        "<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/>\
         <xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData>",
        STANDARD.encode(text)
    )
}

/// The initialization vector, here a number, and the ciphertext.
fn encrypted(number: u32, plain: &[u8]) -> Vec<u8> {
    let vector = u128::from(number).to_be_bytes();
    let mut padded = [0; 48];
    padded[..plain.len()].copy_from_slice(plain);
    let encryptor = cbc::Encryptor::<Aes128>::new(&KEY.into(), &vector.into());
    let text = encryptor.encrypt_padded::<Pkcs7>(&mut padded, plain.len()).expect("there is room");
    [&vector[..], text].concat()
}
