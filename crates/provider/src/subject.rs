//! `sub`: whom tokens name (OIDC Core §8). Public subjects are the person's id, the same for every client; pairwise
//! ones differ from sector to sector, so that two clients can't compare notes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_identity::Identity;
use countersign_store::client::Client;
use countersign_store::{directory, secret};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::error::Fault;

/// What pairwise subjects are made with.
pub(crate) struct Subjects {
    salt: Vec<u8>,
}

impl Subjects {
    /// Reads the salt, which is made once and then kept for good: another one would give everybody another `sub`.
    pub(crate) async fn open(identity: &Identity) -> Result<Self, Fault> {
        let fresh = secret::random::<32>().to_vec();
        let salt = identity
            .store()
            .write(move |tx| Box::pin(async move { directory::pairwise_salt(tx, fresh).await }));
        Ok(Self { salt: salt.await? })
    }

    /// The subject that a client knows a person by.
    pub(crate) fn of(&self, client: &Client, person_id: &str) -> String {
        match sector(client) {
            None => person_id.to_owned(),
            Some(sector) => {
                let mut hash = Sha256::new();
                hash.update(&self.salt);
                hash.update(sector.as_bytes());
                hash.update([0]);
                hash.update(person_id.as_bytes());
                URL_SAFE_NO_PAD.encode(hash.finalize())
            }
        }
    }
}

/// §8.1: the host of `sector_identifier_uri`, or the one host of all redirect URIs; none for public subjects. That
/// there is one host is checked where a client is registered.
fn sector(client: &Client) -> Option<String> {
    if client.metadata.subject_type.as_deref() != Some("pairwise") {
        return None;
    }
    let uri = client.metadata.sector_identifier_uri.as_deref().or_else(|| client.redirect_uris().next());
    let host = uri.and_then(|uri| Url::parse(uri).ok()).and_then(|url| url.host_str().map(str::to_owned));
    // A client without a host shares its subjects with nobody.
    Some(host.unwrap_or_else(|| client.id.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::tests::client;

    fn pairwise(id: &str, uri: &str, sector: Option<&str>) -> Client {
        let mut client = client(id, &[uri]);
        client.metadata.subject_type = Some("pairwise".into());
        client.metadata.sector_identifier_uri = sector.map(str::to_owned);
        client
    }

    #[test]
    fn core_8_public_subjects_are_the_same_everywhere() {
        let subjects = Subjects { salt: vec![1; 32] };
        assert_eq!(subjects.of(&client("a", &["https://a.example/cb"]), "person"), "person");
    }

    #[test]
    fn core_8_1_pairwise_subjects_are_shared_within_a_sector_and_nowhere_else() {
        let subjects = Subjects { salt: vec![1; 32] };
        let of = |client: &Client, person: &str| subjects.of(client, person);
        let one = pairwise("a", "https://a.example/cb", None);
        let same_host = pairwise("b", "https://a.example/other", None);
        let other_host = pairwise("c", "https://c.example/cb", None);
        let same_sector = pairwise("d", "https://c.example/cb", Some("https://a.example/uris.json"));
        assert_eq!(of(&one, "p"), of(&same_host, "p"));
        assert_eq!(of(&one, "p"), of(&same_sector, "p"));
        assert_ne!(of(&one, "p"), of(&other_host, "p"));
        assert_ne!(of(&one, "p"), of(&one, "q"));
        assert_ne!(of(&one, "p"), Subjects { salt: vec![2; 32] }.of(&one, "p"));
        assert!(of(&one, "p").len() <= 255 && of(&one, "p").is_ascii());
    }
}
