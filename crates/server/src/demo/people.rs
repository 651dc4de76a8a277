//! The sample people: one for every case of the rules.

use serde::Serialize;

/// The password of those who have one.
pub const PASSWORD: &str = "amber otter 42 lagoon";

/// One sample person.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Sample {
    /// The address.
    pub email: &'static str,
    /// The password, where one is set.
    pub password: Option<&'static str>,
    /// The Credential ID of the token, where the address has one.
    pub credential_id: Option<&'static str>,
    /// What will happen, in a sentence.
    pub expect: &'static str,
    /// The accounts, as service and organization.
    #[serde(skip)]
    pub accounts: &'static [(&'static str, &'static str)],
    /// The person's name.
    #[serde(skip)]
    pub name: &'static str,
}

/// The sample organizations: short name, name.
pub const ORGANIZATIONS: [(&str, &str); 3] = [("acme", "Acme"), ("globex", "Globex"), ("initech", "Initech")];

/// The one whose codes the VIP service judges.
pub const VIP_SERVICE_ORGANIZATION: &str = "initech";

/// The sample people.
pub const PEOPLE: [Sample; 7] = [
    Sample {
        email: "deepsight@example.com",
        password: Some(PASSWORD),
        credential_id: None,
        expect: "Signs in to DeepSight with the password alone (acr password); the MSS app gets access_denied, \
                 for want of an account there.",
        accounts: &[("deepsight", "acme")],
        name: "Dee Sight",
    },
    Sample {
        email: "mss@example.com",
        password: Some(PASSWORD),
        credential_id: Some("VSMT10000001"),
        expect: "Signs in to MSS with the password and a security code (acr vip); the DeepSight app gets \
                 access_denied, for want of an account there.",
        accounts: &[("mss", "acme")],
        name: "Emma Ness",
    },
    Sample {
        email: "both@example.com",
        password: Some(PASSWORD),
        credential_id: Some("VSMT10000002"),
        expect: "Has accounts at both services, and so proves a security code at both, DeepSight's app included \
                 (acr vip).",
        accounts: &[("mss", "acme"), ("deepsight", "acme")],
        name: "Bo Thwaite",
    },
    Sample {
        email: "multi@example.com",
        password: Some(PASSWORD),
        credential_id: Some("VSMT10000003"),
        expect: "Has MSS accounts at two organizations: after password and security code, Multiple Accounts \
                 Found asks which one this session is for.",
        accounts: &[("mss", "acme"), ("mss", "globex")],
        name: "Mila Typhoon",
    },
    Sample {
        email: "new-mss@example.com",
        password: None,
        credential_id: Some("VSMT10000004"),
        expect: "Not enrolled yet: New User mails a temporary password; it opens Create a New Password, then \
                 Register Symantec Credential, then MSS (acr vip).",
        accounts: &[("mss", "acme")],
        name: "Neo Maas",
    },
    Sample {
        email: "new-deepsight@example.com",
        password: None,
        credential_id: None,
        expect: "Not enrolled yet: New User mails a temporary password; it opens Create a New Password, then \
                 DeepSight (acr password), and no code is ever asked for.",
        accounts: &[("deepsight", "acme")],
        name: "Nida Saito",
    },
    Sample {
        email: "vip-service@example.com",
        password: Some(PASSWORD),
        credential_id: Some("SYMC10000001"),
        expect: "Signs in to MSS as mss@example.com does (acr vip), but the VIP service, simulated here, judges \
                 the codes: the provider has no seed of this token.",
        accounts: &[("mss", "initech")],
        name: "Vic Sarno",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_mss_linked_has_a_token_and_nobody_else() {
        for person in PEOPLE {
            let linked = person.accounts.iter().any(|(service, _)| *service == "mss");
            assert_eq!(linked, person.credential_id.is_some(), "{}", person.email);
            assert!(person.accounts.iter().all(|(_, id)| ORGANIZATIONS.iter().any(|(known, _)| known == id)));
        }
    }
}
