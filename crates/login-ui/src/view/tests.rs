//! Every page: its ids, its labels, its markup, and that nothing dynamic is ever markup.

use super::*;
use crate::asset::Assets;
use crate::brand::Brand;
use crate::key;
use about::About;
use accounts::{Accounts, Choice};
use consent::Consent;
use countersign_identity::language::Language;
use login::Login;
use maud::Markup;
use new_password::NewPassword;
use no_account::{NoAccount, Onward};
use register_credential::RegisterCredential;
use trouble::Trouble;
use vip::Vip;

mod pages;

use pages::with_pages;

const CANARY: &str = "\"'><script>alert(1)</script>&";

/// Two pages have a script of ours, as their last element.
fn without_own_script(html: &str) -> String {
    html.replacen("<script src=\"/assets/", "", 1)
}

fn english(draw: impl Fn(&Frame<'_>) -> Markup) -> String {
    let brand = Brand { soc_contact: "soc@example.com".into(), ..Brand::default() };
    let assets = Assets::new(&brand);
    draw(&Frame::new(Language::English, &brand, &assets)).into_string()
}

#[test]
fn text_of_others_is_never_markup() {
    with_pages(CANARY, CANARY, |page, html| {
        assert!(!without_own_script(html).contains("<script"), "{page}");
        assert!(html.contains("&lt;script&gt;"), "{page}");
        assert!(!html.contains("\"'>"), "{page}");
    });
}

#[test]
fn every_page_is_accessible_in_its_bones() {
    with_pages("Portal", "text", |page, html| {
        assert_eq!(html.matches("<h1>").count(), 1, "{page}");
        assert_eq!(html.matches("<main ").count(), 1, "{page}");
        assert_eq!(html.matches("<header ").count(), 1, "{page}");
        assert_eq!(html.matches("<footer ").count(), 1, "{page}");
        assert!(html.contains("<html lang=\"en\">") || html.contains("<html lang=\"ja\">"), "{page}");
        assert!(html.matches(" autofocus").count() <= 1, "{page}");
        assert!(!without_own_script(html).contains("<script") && !html.contains(" style="), "{page}");
    });
}

#[test]
fn every_field_has_its_label_and_autocomplete_and_every_id_is_there_once() {
    with_pages("Portal", "text", |page, html| {
        let tags = || html.split('<').skip(1);
        let attribute = |tag: &str, name: &str| -> Option<String> {
            let rest = tag.split_once(&format!(" {name}=\""))?.1;
            Some(rest.split('"').next().unwrap_or_default().to_owned())
        };
        let mut ids: Vec<_> = tags().filter_map(|tag| attribute(tag, "id")).collect();
        let fields = tags().filter(|tag| tag.starts_with("input ") || tag.starts_with("select "));
        for tag in fields.filter(|tag| attribute(tag, "type").as_deref() != Some("hidden")) {
            let id = attribute(tag, "id").unwrap();
            assert!(html.contains(&format!("for=\"{id}\"")), "{page}: no label for {id}");
            assert!(attribute(tag, "autocomplete").is_some(), "{page}: {id}");
            for described in attribute(tag, "aria-describedby").iter().flat_map(|list| list.split(' ')) {
                assert!(ids.iter().any(|id| id == described), "{page}: {id} is described by {described}");
            }
        }
        ids.sort();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "{page}: {ids:?}");
    });
}

#[track_caller]
fn has(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}

#[test]
fn login_has_the_guides_fields() {
    let login = Login {
        action: "/login?r=x",
        service: None,
        email: "",
        language: None,
        remember: false,
        new_user: "/new-user?r=x",
        forgot: "/forgot-password?r=x",
        problem: None,
        about: None,
    };
    let html = english(|frame| login::view(frame, &login));
    has(
        &html,
        &["<title>Login – Managed Services Portal</title>", "<h1>Login</h1>", "action=\"/login?r=x\""],
    );
    has(&html, &["name=\"email\"", "name=\"password\"", "name=\"language\"", "name=\"remember\""]);
    has(&html, &[">Email Address<", ">Password<", ">Preferred Language<", ">Remember Me<", ">New User</a>"]);
    has(&html, &["autocomplete=\"username\"", "autocomplete=\"current-password\"", "inputmode=\"email\""]);
    has(
        &html,
        &["<button id=\"login\" type=\"submit\" class=\"main\">Login</button>", "<option value=\"\">"],
    );
    has(&html, &["href=\"mailto:soc@example.com\"", "lang=\"ja\">日本語</option>"]);
    let second = english(|frame| login::view(frame, &Login { email: "a@b.example", ..login_again(&login) }));
    let password = second.split("name=\"password\"").nth(1).unwrap();
    assert!(
        password.split('>').next().unwrap().contains("autofocus"),
        "the first empty field has the cursor"
    );
}

fn login_again<'a>(login: &Login<'a>) -> Login<'a> {
    Login { ..*login }
}

#[test]
fn new_user_and_its_answer() {
    let html = english(|frame| new_user::view(frame, "/new-user", "/login", None));
    has(&html, &["<h1>New User</h1>", "name=\"email\"", "<button id=\"enter\"", ">Enter</button>"]);
    let html = english(|frame| new_user::sent(frame, "/login?r=x"));
    has(&html, &["temporary password", "60 minutes", "href=\"/login?r=x\"", "id=\"continue\""]);
}

#[test]
fn create_a_new_password_has_the_guides_fields() {
    let new = NewPassword { action: "/login/new-password", email: "a@b.example", least: 15, problem: None };
    let html = english(|frame| new_password::view(frame, &new));
    has(&html, &["<h1>Create a New Password</h1>", "name=\"password\"", "name=\"confirm\""]);
    has(
        &html,
        &[">Confirm Password<", "At least 15 characters", "<button id=\"confirm\"", ">Confirm</button>"],
    );
    assert_eq!(html.matches("autocomplete=\"new-password\"").count(), 2);
}

#[test]
fn register_credential_has_the_guides_fields() {
    let register = RegisterCredential { action: "/x", credential_id: "", token_name: "", problem: None };
    let html = english(|frame| register_credential::view(frame, &register));
    has(&html, &["<h1>Register Symantec Credential</h1>", ">Symantec Credential ID<", ">Security Code 1<"]);
    has(&html, &[">Security Code 2<", "name=\"credential_id\"", "name=\"code1\"", "name=\"code2\""]);
    has(&html, &["name=\"token_name\"", "<button id=\"register\"", ">Register</button>"]);
    assert_eq!(html.matches("inputmode=\"numeric\"").count(), 2);
    assert_eq!(html.matches("required").count(), 3);
}

#[test]
fn vip_asks_for_the_second_code_only_when_out_of_step() {
    let draw = |resynchronize| {
        let problem = Problem::from(key::PROBLEM_VIP);
        english(|frame| {
            vip::view(frame, &Vip { action: "/x", resynchronize, problem: Some(&problem), bridge: None })
        })
    };
    has(
        &draw(false),
        &["<h1>VIP Authentication</h1>", "name=\"code\"", "<button id=\"login\"", ">Security Code<"],
    );
    has(
        &draw(false),
        &["role=\"alert\"", "Wait for the code", "aria-describedby=\"problem\"", "aria-invalid=\"true\""],
    );
    assert!(!draw(false).contains("name=\"code2\""));
    has(&draw(true), &["name=\"code2\""]);
}

#[test]
fn multiple_accounts_are_radios_in_a_group() {
    let choices = [
        Choice { id: "1", organization: "Acme", chosen: false },
        Choice { id: "2", organization: "Globex", chosen: false },
    ];
    let accounts = Accounts { action: "/x", service: "MSS", choices: &choices, problem: None };
    let html = english(|frame| accounts::view(frame, &accounts));
    has(
        &html,
        &["<h1>Multiple Accounts Found</h1>", "<fieldset>", "<legend>Select the organization you want"],
    );
    has(&html, &["name=\"account\" value=\"2\"", "Globex", "<button id=\"login\""]);
    assert!(!html.contains(" checked"), "the person chooses");
}

#[test]
fn ends_have_their_ways_out() {
    let onward = Onward::Link("https://app.example/cb".to_owned());
    let none = NoAccount { email: "a@b.example", service: "MSS", client: "App", onward: &onward };
    has(
        &english(|f| no_account::view(f, &none)),
        &["id=\"continue\"", "https://app.example/cb", "Return to App"],
    );
    let consent =
        Consent { action: "/consent", client: "App", host: "app.example", scopes: &["openid"], about: None };
    has(&english(|f| consent::view(f, &consent)), &["id=\"allow\"", "id=\"deny\"", "app.example"]);
    has(&english(|f| logout::view(f, "/logout", None)), &["<button id=\"logout\"", ">Log out</button>"]);
    let told = ["https://app.example/out?iss=x".to_owned()];
    has(
        &english(|f| logout::done(f, Some("https://app.example/"), &told)),
        &[
            "id=\"continue\"",
            "<iframe hidden src=\"https://app.example/out?iss=x\"",
            "<script src=\"/assets/",
        ],
    );
    assert!(!english(|f| logout::done(f, None, &told)).contains("<script"));
    has(&english(|f| stop::expired(f, "/login")), &["id=\"again\"", ">Start again</a>"]);
    has(&english(|f| stop::throttled(f, 600, "/login")), &["Try again in 10 minutes."]);
    has(&english(|f| stop::locked(f, "/login", None)), &["soc@example.com"]);
    has(&english(|f| trouble::view(f, Trouble::SERVER, None, "abc123")), &["id=\"request-id\">abc123<"]);
    has(
        &english(|f| level::view(f, "https://id.example/acr/password", false)),
        &["https://id.example/acr/password"],
    );
}

#[test]
fn a_client_is_shown_by_its_logo_and_its_links_and_by_nothing_else() {
    let about = About {
        client: "An App".into(),
        logo: Some("https://app.example/logo.png".into()),
        policy: Some("https://app.example/policy".into()),
        terms: Some("http://elsewhere.example/terms".into()),
    };
    let html = english(|frame| about::view(frame, Some(&about)));
    has(
        &html,
        &["<img src=\"https://app.example/logo.png\" alt=\"Logo of An App\" referrerpolicy=\"no-referrer\">"],
    );
    has(&html, &["About An App", ">Privacy policy</a>", ">Terms of use</a>"]);
    has(
        &html,
        &["href=\"http://elsewhere.example/terms\" target=\"_blank\" rel=\"noopener noreferrer nofollow\""],
    );
    assert_eq!(about.logo_origin().as_deref(), Some("https://app.example"));
    for wrong in
        ["javascript:alert(1)", "data:image/png;base64,AA", "http://app.example/logo.png", "", "logo.png"]
    {
        let about = About { logo: Some(wrong.into()), ..about.clone() };
        assert_eq!(about.logo_origin(), None, "{wrong}");
        assert!(!english(|frame| about::view(frame, Some(&about))).contains("<img"), "{wrong}");
    }
    let scripted = About { policy: Some("javascript:alert(1)".into()), terms: None, ..about };
    assert!(!english(|frame| about::view(frame, Some(&scripted))).contains("<a "));
    assert_eq!(english(|frame| about::view(frame, None)), "");
}
