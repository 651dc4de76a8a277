//! Every page: its ids, its labels, its markup, and that nothing dynamic is ever markup.

use super::*;
use crate::asset::Assets;
use crate::brand::Brand;
use crate::key;
use about::About;
use accounts::{Accounts, Choice};
use consent::Consent;
use countersign_identity::language::Language;
use countersign_identity::tokens::TokenState;
use form_post::FormPost;
use home::Service;
use login::Login;
use maud::Markup;
use new_password::NewPassword;
use no_account::{NoAccount, Onward};
use register_credential::RegisterCredential;
use tokens::{Act, Add, Token, Tokens};
use trouble::Trouble;
use vip::Vip;

const CANARY: &str = "\"'><script>alert(1)</script>&";

fn brand(name: &str) -> Brand {
    Brand { portal_name: name.into(), vendor: name.into(), soc_contact: name.into(), ..Brand::default() }
}

/// Draws each page with `text` wherever a page takes text of others.
fn all_pages(frame: &Frame<'_>, text: &str) -> Vec<(&'static str, Markup)> {
    let problem = Problem::with(key::PROBLEM_PASSWORD_SHORT, "least", text);
    let problem = Some(&problem);
    let choice = Choice { id: text, organization: text, chosen: true };
    let service = Service { id: text, name: text, vip: true, href: text };
    let about = About {
        client: text.to_owned(),
        logo: Some(format!("https://app.example/{text}")),
        policy: Some(format!("https://app.example/{text}")),
        terms: Some(text.to_owned()),
    };
    let login = Login {
        action: text,
        service: Some(text),
        email: text,
        language: Some(Language::Japanese),
        remember: true,
        new_user: text,
        forgot: text,
        problem,
        about: Some(&about),
    };
    let register = RegisterCredential { action: text, credential_id: text, token_name: text, problem };
    let accounts = Accounts { action: text, service: text, choices: &[choice], problem };
    let onward = Onward::Link(text.to_owned());
    let none = NoAccount { email: text, service: text, client: text, onward: &onward };
    let consent =
        Consent { action: text, client: text, host: text, scopes: &["openid", text], about: Some(&about) };
    let password = NewPassword { action: text, email: text, least: 15, problem };
    let mut pages = account_pages(frame, text, problem);
    pages.extend([
        ("login", login::view(frame, &login)),
        (
            "form_post",
            form_post::view(
                frame,
                &FormPost { action: text, client: text, fields: &[("state", text.to_owned())] },
            ),
        ),
        ("new_user", new_user::view(frame, text, text, problem)),
        ("sent", new_user::sent(frame, text)),
        ("forgot_password", forgot_password::view(frame, text, text, problem)),
        ("new_password", new_password::view(frame, &password)),
        ("register_credential", register_credential::view(frame, &register)),
        ("vip", vip::view(frame, &Vip { action: text, resynchronize: true, problem, bridge: None })),
        ("accounts", accounts::view(frame, &accounts)),
        ("no_account", no_account::view(frame, &none)),
        ("consent", consent::view(frame, &consent)),
        ("logout", logout::view(frame, text, Some(text))),
        ("logged_out", logout::done(frame, Some(text), &[text.to_owned()])),
        ("home", home::view(frame, &[service], Some(text))),
        ("browsers", browsers::view(frame)),
        ("level", level::view(frame, text, true)),
        ("check_mail", stop::check_mail(frame, text)),
        ("locked", stop::locked(frame, text, Some(text))),
        ("bridge", bridge::view(frame, text, text, problem)),
        ("lost", stop::lost(frame, text, Some(text))),
        ("exhausted", stop::exhausted(frame, text)),
        ("throttled", stop::throttled(frame, 90, text)),
        ("expired", stop::expired(frame, text)),
        ("trouble", trouble::view(frame, Trouble::SERVER, Some((text, text)), text)),
    ]);
    pages
}

fn account_pages(frame: &Frame<'_>, text: &str, problem: Option<&Problem>) -> Vec<(&'static str, Markup)> {
    let account = account::Account { email: text, name: Some(text), accounts: &[(text, text)], tokens: text };
    let all = [
        TokenState::Registered,
        TokenState::Locked,
        TokenState::Expired,
        TokenState::Assigned,
        TokenState::Lost,
    ];
    let held = all.map(|state| held(state, text));
    let list = Tokens { tokens: &held, add: text, account: text, note: Some(key::TOKENS_ADDED) };
    let more = Add { action: text, credential_id: text, token_name: text, back: text, problem };
    let act = Act { action: text, token: text, back: text };
    vec![
        ("account", account::view(frame, &account)),
        ("tokens", tokens::view(frame, &list)),
        ("no_tokens", tokens::no_tokens(frame, text)),
        ("add", tokens::add(frame, &more)),
        ("rename", tokens::rename(frame, &act, text)),
        ("remove", tokens::remove(frame, &act)),
        ("last", tokens::last(frame, text, text, text)),
        ("report", tokens::lost(frame, &act, true)),
        ("reported", tokens::reported(frame)),
    ]
}

fn held(state: TokenState, text: &str) -> Token {
    let some = || Some(text.to_owned());
    Token {
        credential_id: text.to_owned(),
        name: some(),
        state,
        registered: some(),
        used: some(),
        rename: some(),
        remove: some(),
        lost: some(),
    }
}

fn with_pages(name: &str, text: &str, check: impl Fn(&str, &str)) {
    let brand = brand(name);
    let assets = Assets::new(&brand);
    for language in Language::ALL {
        for (page, markup) in all_pages(&Frame::new(language, &brand, &assets), text) {
            check(page, &markup.into_string());
        }
    }
}

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
