//! `/login`: the address and the password.

use axum::response::Response;
use countersign_identity::address::Address;
use countersign_identity::factor::{Attempt, PasswordOutcome};
use countersign_identity::journey::{Demand, Step};
use countersign_identity::language::Language;
use countersign_identity::sign_in::Found;
use countersign_store::{Secret, directory, person};

use super::{Turn, turn};
use crate::cookie::Cookie;
use crate::form::Form;
use crate::key;
use crate::pending::{Pending, with_request};
use crate::remember::Remembered;
use crate::respond;
use crate::view::about::About;
use crate::view::login::{Login, view};
use crate::view::{Problem, stop};
use crate::visit::{Halt, Visit};

const PATH: &str = "/login";

/// Shows the page; or sends a browser on that has a session which is enough, or lacks one factor alone.
pub async fn get(visit: Visit) -> Response {
    if visit.parameter("r").is_some() {
        return turn(visit, PATH, show).await;
    }
    // Somebody who came by themselves: the request begins here, and the form carries it on.
    let demand = Demand::none(visit.ui().identity().now());
    let bound = visit.bind(Pending::new("/", "/login", demand));
    let before = visit.session().await;
    let begun = match before {
        Ok(before) => Turn::new(visit, bound.pending, bound.sealed, before),
        Err(halt) => return visit.answer(Err(halt)),
    };
    let shown = show(&begun).await;
    let mut response = begun.answer(shown);
    begun.visit.keep_browser(&mut response, bound.new_browser.as_ref());
    response
}

async fn show(turn: &Turn) -> Result<Response, Halt> {
    let problem = match from_session(turn).await? {
        Session::Enough(response) => return Ok(response),
        Session::NoToken => Some(key::LOGIN_REGISTER_FIRST),
        Session::No => turn.visit.parameter("over").map(|_| key::LOGIN_OVER),
    };
    let remembered = turn.visit.remembered();
    let hint = turn.pending.login_hint.as_deref().filter(|hint| hint.len() <= 254);
    let signed_in = turn.before.as_ref().map(|who| who.profile().person.email.as_str());
    let email = hint.or(signed_in).unwrap_or(&remembered.email);
    let ticked = turn.visit.cookie(Cookie::Remember).is_some();
    let typed = Typed { email, language: remembered.language, remember: ticked };
    Ok(draw(turn, &typed, problem.map(Problem::from).as_ref()))
}

/// What a live session is good for.
enum Session {
    /// To go on at once, or to be asked only for what is missing.
    Enough(Response),
    /// The address demands a token by now, and none is registered: only its password opens the registration.
    NoToken,
    /// Nothing.
    No,
}

async fn from_session(turn: &Turn) -> Result<Session, Halt> {
    let Some(who) = &turn.before else { return Ok(Session::No) };
    let demand = &turn.pending.demand;
    if demand.reauthenticate && who.auth_time() < demand.begun_at {
        return Ok(Session::No);
    }
    let identity = turn.visit.ui().identity();
    if who.level() >= who.profile().required(&identity.settings().services) && has_account(turn).await? {
        return Ok(Session::Enough(respond::see_other(&turn.pending.onward(&turn.sealed))));
    }
    let Found::Current(current) = identity.step_up(who, &turn.browser, demand).await? else {
        return Ok(Session::No);
    };
    match current.step() {
        Some(Step::RegisterFirst) => Ok(Session::NoToken),
        Some(Step::Password) | None => Ok(Session::No),
        Some(step) => {
            let mut response = turn.go(step);
            turn.visit.set_cookie(&mut response, Cookie::SignIn, &current.secret().text());
            Ok(Session::Enough(response))
        }
    }
}

/// Whether no account is left to be chosen.
async fn has_account(turn: &Turn) -> Result<bool, Halt> {
    let (Some(who), Some(service)) = (&turn.before, turn.pending.demand.service.as_deref()) else {
        return Ok(true);
    };
    if who.profile().accounts_at(service).count() < 2 {
        return Ok(true);
    }
    let chosen = turn.visit.ui().identity().chosen_account(who, service).await?;
    let demand = &turn.pending.demand;
    Ok(chosen.is_some_and(|(_, at)| !demand.select_account || at >= demand.begun_at))
}

/// Judges the form.
pub async fn post(visit: Visit, form: Form) -> Response {
    turn(visit, PATH, async |turn: &Turn| judge(turn, &form).await).await
}

struct Typed<'a> {
    email: &'a str,
    language: Option<Language>,
    remember: bool,
}

async fn judge(turn: &Turn, form: &Form) -> Result<Response, Halt> {
    let typed = Typed {
        email: form.trimmed("email"),
        language: Language::parse(form.field("language")),
        remember: !form.field("remember").is_empty(),
    };
    if typed.email.is_empty() || form.field("password").is_empty() {
        return Ok(draw(turn, &typed, Some(&key::LOGIN_PROBLEM_EMPTY.into())));
    }
    let attempt = Attempt {
        email: typed.email,
        password: form.secret("password"),
        browser: &turn.browser,
        known: turn.visit.cookie(Cookie::Known),
        network: turn.visit.network(),
        before: turn.before.as_ref(),
    };
    match turn.visit.ui().identity().password(attempt, &turn.pending.demand).await? {
        PasswordOutcome::Wrong => Ok(draw(turn, &typed, Some(&key::LOGIN_PROBLEM.into()))),
        PasswordOutcome::Throttled(seconds) => Ok(turn.visit.throttled(seconds, &turn.url("/login"))),
        right => proved(turn, &typed, right).await,
    }
}

/// The password was right. What was chosen on the page is kept, and the hour for the rest begins anew.
async fn proved(turn: &Turn, typed: &Typed<'_>, outcome: PasswordOutcome) -> Result<Response, Halt> {
    let key = Address::parse(typed.email).map(|address| address.key().to_owned()).unwrap_or_default();
    if let Some(language) = typed.language {
        keep_language(turn, &key, language).await?;
    }
    let mut pending = turn.pending.clone();
    pending.chosen_language = typed.language.map(|language| language.tag().to_owned());
    let identity = turn.visit.ui().identity();
    let sealed = pending.seal(identity.keyring(), identity.now());
    let mut response = match outcome {
        PasswordOutcome::Begun { secret, step } => begun(turn, &sealed, &secret, step),
        PasswordOutcome::Finished(started) => turn.onward(&started, &key),
        _ => respond::see_other(&with_request("/login/check-mail", &sealed)),
    };
    remember(turn, &mut response, typed);
    Ok(response)
}

fn begun(turn: &Turn, sealed: &str, secret: &Secret, step: Step) -> Response {
    let mut response = respond::see_other(&with_request(super::path(step), sealed));
    turn.visit.set_cookie(&mut response, Cookie::SignIn, &secret.text());
    response
}

/// Remember Me: kept when ticked, forgotten when not.
fn remember(turn: &Turn, response: &mut Response, typed: &Typed<'_>) {
    let remembered = Remembered { email: typed.email.to_owned(), language: typed.language };
    match remembered.seal(turn.visit.ui().identity().keyring()).filter(|_| typed.remember) {
        Some(sealed) => turn.visit.set_cookie(response, Cookie::Remember, &sealed),
        None => turn.visit.clear_cookie(response, Cookie::Remember),
    }
}

/// The language chosen holds for the pages and mails to come.
async fn keep_language(turn: &Turn, email_key: &str, language: Language) -> Result<(), Halt> {
    let identity = turn.visit.ui().identity();
    let found = person::find_by_key(identity.store().read(), email_key).await?;
    let found = found.map(|found| found.person);
    let Some(found) = found.filter(|person| person.language.as_deref() != Some(language.tag())) else {
        return Ok(());
    };
    let now = identity.now();
    let written = identity.store().write(move |tx| {
        Box::pin(async move {
            person::set_language(tx, &found.id, language.tag(), now).await?;
            directory::bump(tx).await
        })
    });
    Ok(written.await?)
}

fn draw(turn: &Turn, typed: &Typed<'_>, problem: Option<&Problem>) -> Response {
    let login = Login {
        action: &turn.url("/login"),
        service: turn.pending.destination.as_deref(),
        email: typed.email,
        language: typed.language,
        remember: typed.remember,
        new_user: &turn.url("/new-user"),
        forgot: &turn.url("/forgot-password"),
        problem,
        about: turn.pending.about.as_ref(),
    };
    let logo = login.about.and_then(About::logo_origin);
    let markup = view(&turn.frame(None), &login);
    respond::showing(markup, turn.pending.origin.as_deref(), logo.as_deref())
}

/// `/login/check-mail`: the password was right, but what opens the registration of a token has been mailed.
pub async fn check_mail(visit: Visit) -> Response {
    turn(visit, PATH, async |turn: &Turn| {
        Ok(turn.page(stop::check_mail(&turn.frame(None), &turn.url("/login"))))
    })
    .await
}
