//! Who proves what, and what a client is told: every kind of address × every kind of client × every request for a
//! level, each in a fresh browser and again in a session that lives.

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, Human};
use conformance_tests::house::House;
use conformance_tests::person::{Landing, Person};
use conformance_tests::relying_party::RelyingParty;

/// The requests, in the order of the columns below.
const REQUESTS: [&str; 7] = [
    "no request",
    "voluntary vip",
    "essential vip",
    "essential password",
    "unknown essential",
    "prompt=none",
    "max_age=0",
];

/// What comes of them in a session that lives: the level of `acr` (`password+`: `acr` says password, `amr` that a
/// code was proved too), or the error. In a fresh browser `prompt=none` is `login_required`, all else the same.
#[rustfmt::skip]
const TABLE: [(&str, &str, [&str; 7]); 15] = [
    // address       client       no request  voluntary   essential  essential    unknown  prompt=none  max_age=0
    //                                        vip         vip        password     essential
    ("deepsight",    "mss",       ["denied",   "denied",   "unmet",  "denied",    "unmet", "denied",   "denied"]),
    ("deepsight",    "deepsight", ["password", "password", "unmet",  "password",  "unmet", "password", "password"]),
    ("deepsight",    "portal",    ["password", "password", "unmet",  "password",  "unmet", "password", "password"]),
    ("mss",          "mss",       ["vip",      "vip",      "vip",    "password+", "unmet", "vip",      "vip"]),
    ("mss",          "deepsight", ["denied",   "denied",   "denied", "denied",    "unmet", "denied",   "denied"]),
    ("mss",          "portal",    ["vip",      "vip",      "vip",    "password+", "unmet", "vip",      "vip"]),
    ("both",         "mss",       ["vip",      "vip",      "vip",    "password+", "unmet", "vip",      "vip"]),
    ("both",         "deepsight", ["vip",      "vip",      "vip",    "password+", "unmet", "vip",      "vip"]),
    ("both",         "portal",    ["vip",      "vip",      "vip",    "password+", "unmet", "vip",      "vip"]),
    ("two",          "mss",       ["vip",      "vip",      "vip",    "password+", "unmet", "select",   "vip"]),
    ("two",          "deepsight", ["denied",   "denied",   "denied", "denied",    "unmet", "denied",   "denied"]),
    ("two",          "portal",    ["vip",      "vip",      "vip",    "password+", "unmet", "vip",      "vip"]),
    ("none",         "mss",       ["denied",   "denied",   "unmet",  "denied",    "unmet", "denied",   "denied"]),
    ("none",         "deepsight", ["denied",   "denied",   "unmet",  "denied",    "unmet", "denied",   "denied"]),
    ("none",         "portal",    ["password", "password", "unmet",  "password",  "unmet", "password", "password"]),
];

conformance_tests::on_both_databases!(the_address_decides_and_acr_is_evidence);

async fn the_address_decides_and_acr_is_evidence(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let people: [(&str, &[&str]); 5] = [
        ("deepsight", &["deepsight:acme"]),
        ("mss", &["mss:acme"]),
        ("both", &["mss:acme", "deepsight:acme"]),
        ("two", &["mss:acme", "mss:globex"]),
        ("none", &[]),
    ];
    let mut humans = Vec::new();
    for (name, accounts) in people {
        humans.push((name, cast.enrolled(&format!("{name}@table.test"), accounts).await));
    }
    let mut wrong = Vec::new();
    for (address, client, outcomes) in TABLE {
        let human = &mut humans.iter_mut().find(|(name, _)| *name == address).expect("in the list").1;
        let party = [("mss", &cast.mss), ("deepsight", &cast.deepsight), ("portal", &cast.portal)]
            .into_iter()
            .find_map(|(name, party)| (name == client).then_some(party))
            .expect("in the list");
        for (request, outcome) in REQUESTS.into_iter().zip(outcomes) {
            for lives in [false, true] {
                let case =
                    Case { address, client, request, lives, outcome: expected(outcome, request, lives) };
                let mut browser = cast.house.person();
                if lives {
                    log_in(&mut browser, human).await;
                }
                let seen = case.play(&mut browser, human, party).await;
                let should = (case.pages(), case.outcome.to_owned());
                if seen != should {
                    wrong.push(format!(
                        "{address} at {client}, {request}, session {lives}: {seen:?}, not {should:?}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of 210 cases:\n{}", wrong.len(), wrong.join("\n"));
}

fn expected(outcome: &'static str, request: &str, lives: bool) -> &'static str {
    match outcome {
        _ if request == "prompt=none" && !lives => "login_required",
        "denied" => "access_denied",
        "unmet" => "unmet_authentication_requirements",
        "select" => "account_selection_required",
        other => other,
    }
}

struct Case {
    address: &'static str,
    client: &'static str,
    request: &'static str,
    lives: bool,
    outcome: &'static str,
}

impl Case {
    /// The pages that lead to the outcome.
    fn pages(&self) -> Vec<String> {
        let mut pages: Vec<&str> = Vec::new();
        // Answered to the client at once: nobody can meet it, or nobody may be asked.
        if matches!(self.request, "unknown essential" | "prompt=none") {
            return Vec::new();
        }
        if !self.lives || self.request == "max_age=0" {
            pages.push("/login");
            if matches!(self.address, "mss" | "both" | "two") {
                pages.push("/login/vip");
            }
        }
        if self.address == "two" && self.client == "mss" {
            pages.push("/login/accounts");
        }
        if self.outcome == "access_denied" {
            pages.push("why");
        }
        pages.into_iter().map(str::to_owned).collect()
    }

    async fn play(
        &self,
        browser: &mut Person,
        human: &mut Human,
        party: &RelyingParty,
    ) -> (Vec<String>, String) {
        let issuer = conformance_tests::house::ISSUER;
        let level = |level: &str| format!("{issuer}/acr/{level}");
        let essential =
            |acr: &str| format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":["{acr}"]}}}}}}"#);
        let parameter = match self.request {
            "voluntary vip" => Some(("acr_values", level("vip"))),
            "essential vip" => Some(("claims", essential(&level("vip")))),
            "essential password" => Some(("claims", essential(&level("password")))),
            "unknown essential" => Some(("claims", essential("urn:example:retina"))),
            "prompt=none" => Some(("prompt", "none".to_owned())),
            "max_age=0" => Some(("max_age", "0".to_owned())),
            _ => None,
        };
        let more: Vec<(&str, &str)> = parameter.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let attempt = party.begin(&more);
        let mut landing = browser.visit(&attempt.url).await;
        let mut pages = Vec::new();
        let away = loop {
            match landing {
                Landing::Away(url) => break url,
                Landing::Page(page) if page.problem.is_some() || pages.len() > 5 => {
                    return (pages, format!("stuck at {} {:?}", page.url.path(), page.problem));
                }
                // Why it cannot go on, and the link that tells the client.
                Landing::Page(page) if page.form().is_none() => {
                    if !page.links.iter().any(|(id, ..)| id == "continue") {
                        return (pages, format!("a dead end: {} «{}»", page.status, page.heading));
                    }
                    pages.push("why".to_owned());
                    landing = browser.visit(&page.link("continue").clone()).await;
                }
                Landing::Page(page) => {
                    pages.push(page.path().to_owned());
                    let fields = human.fields(&page);
                    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    landing = browser.submit(&page, &fields).await;
                }
            }
        };
        let outcome = match party.code(&away, &attempt) {
            Err(error) => error,
            Ok(_) => {
                let claims = party.claims(&away, &attempt).await;
                let proved = claims.0["amr"].as_array().map_or(0, Vec::len);
                let more = if claims.level() == "password" && proved == 3 { "+" } else { "" };
                format!("{}{more}", claims.level())
            }
        };
        (pages, outcome)
    }
}

/// Logs in at the portal itself, for no client.
async fn log_in(browser: &mut Person, human: &mut Human) {
    let login = browser.open("/login").await;
    let home = human.answer(browser, login).await.at("/");
    assert_eq!(home.problem, None);
}
