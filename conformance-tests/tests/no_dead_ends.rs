//! Rule 12 in Chromium, with scripts on and off: Back, reload, a form sent twice, a second tab and lost cookies at
//! every page of an enrolment and of a daily sign-in. Each time the person ends signed in at the application.

use conformance_tests::app::App;
use conformance_tests::backend::Backend;
use conformance_tests::browser::{Browser, Scripts};
use conformance_tests::cast::Human;
use conformance_tests::stage::Stage;

conformance_tests::on_both_databases!(
    reload_at_every_page,
    back_from_every_page,
    a_form_sent_twice_at_every_page,
    a_second_tab_at_every_page,
    lost_cookies_at_every_page,
    logging_out_twice_and_going_back,
    new_user_and_forgot_password_again_and_again,
);

const BOTH: [Scripts; 2] = [Scripts::On, Scripts::Off];

/// Every page of an enrolment at a third party's application, and of the sign-in the day after.
const ENROLMENT: [&str; 5] =
    ["/login", "/login/new-password", "/login/register-credential", "/login/accounts", "/consent"];
const DAILY: [&str; 3] = ["/login", "/login/vip", "/login/accounts"];

/// A third party's application in the MSS service: its people see every page there is.
struct Scene {
    stage: Stage,
    app: App,
}

/// Somebody with two MSS accounts, on the way in.
struct Visitor {
    human: Human,
    temporary: Option<String>,
}

impl Scene {
    async fn open(backend: Backend) -> Self {
        let stage = Stage::serve(backend).await;
        let app = App::start(&stage.cast().house, "mss", &["--third-party"]).await;
        Self { stage, app }
    }

    /// Somebody new, with the temporary password that was mailed.
    async fn newcomer(&self, name: &str) -> Visitor {
        let cast = self.stage.cast();
        let human = cast.provision(&format!("{name}@ends.test"), &["mss:acme", "mss:globex"]);
        let temporary = cast.temporary_password(&mut cast.house.person(), &human.email).await;
        Visitor { human, temporary: Some(temporary) }
    }

    async fn begin(&self, scripts: Scripts) -> Browser {
        let browser = Browser::open(scripts).await;
        browser.go(&format!("{}/login", self.app.base)).await;
        browser
    }

    /// A temporary password is spent when the enrolment is lost. Before the new password is set, New User mails
    /// another; after that, the right password does.
    async fn has_a_way_in(&self, browser: &Browser, visitor: &mut Visitor, lost: &str) {
        let cast = self.stage.cast();
        let email = visitor.human.email.clone();
        if lost == "/login/new-password" {
            visitor.temporary = Some(cast.temporary_password(&mut cast.house.person(), &email).await);
        }
        if lost == "/login/register-credential" {
            visitor.answers(browser).await;
            browser.is_at("/login/check-mail").await;
            visitor.temporary = Some(cast.house.mails().temporary_password(&email, 1).await);
            browser.follow("#continue").await;
        }
    }

    async fn is_signed_in(&self, browser: &Browser, visitor: &Visitor) {
        let claims = self.stage.claims(browser, &self.app.base).await;
        assert_eq!(claims["email"], visitor.human.email, "{claims}");
        assert_eq!(claims["acr"], format!("{}/acr/vip", self.stage.issuer), "{claims}");
        assert_eq!(claims["org_name"], "Acme", "{claims}");
    }
}

impl Visitor {
    /// Types what the page asks for. Returns the `id` of the button to press.
    async fn types(&mut self, browser: &Browser) -> String {
        let path = browser.path().await;
        if path == "/consent" {
            return "allow".to_owned();
        }
        let password = self.human.password.clone();
        if let Some(temporary) = self.temporary.as_ref().filter(|_| path == "/login") {
            self.human.password.clone_from(temporary);
        }
        let button = browser.type_as(&mut self.human).await;
        self.human.password = password;
        button.unwrap_or_else(|| panic!("{path} asks for nothing"))
    }

    async fn answers(&mut self, browser: &Browser) {
        let button = self.types(browser).await;
        browser.press(&button).await;
        self.has_left(browser).await;
    }

    /// A temporary password is good once.
    async fn has_left(&mut self, browser: &Browser) {
        if browser.path().await != "/login" {
            self.temporary = None;
        }
    }

    /// Answers page after page until the application is reached.
    async fn goes_on(&mut self, browser: &Browser, app: &str) {
        for _ in 0..8 {
            if browser.url().await.as_str().starts_with(app) {
                return;
            }
            self.answers(browser).await;
        }
        panic!("stuck at {} «{}»", browser.url().await, browser.heading().await);
    }
}

/// A browser of each kind, first for the enrolment, then for the daily sign-in; `disturb` gets each page with the
/// one after it.
async fn at_every_page(
    backend: Backend,
    name: &str,
    disturb: impl AsyncFn(&Browser, &mut Visitor, &str, Option<&str>),
) {
    let scene = Scene::open(backend).await;
    for scripts in BOTH {
        let mut visitor = scene.newcomer(&format!("{name}-{scripts:?}").to_lowercase()).await;
        for pages in [ENROLMENT.as_slice(), DAILY.as_slice()] {
            let browser = scene.begin(scripts).await;
            for (at, page) in pages.iter().enumerate() {
                browser.is_at(page).await;
                disturb(&browser, &mut visitor, page, pages.get(at + 1).copied()).await;
            }
            scene.is_signed_in(&browser, &visitor).await;
            browser.close().await;
        }
    }
}

/// Once as it was opened, once as the answer to a form that was not right: the form is sent again.
async fn reload_at_every_page(backend: Backend) {
    at_every_page(backend, "reload", async |browser, visitor, page, _| {
        browser.reload().await;
        browser.is_at(page).await;
        if page != "/consent" {
            let button = browser.page().await.form().expect("a form").buttons[0].clone();
            browser.press(&button).await;
            browser.is_at(page).await;
            assert!(browser.problem().await.is_some(), "an empty form is refused on {page}");
            browser.reload().await;
            browser.is_at(page).await;
            assert!(browser.problem().await.is_some(), "so it is once more on {page}");
        }
        visitor.answers(browser).await;
    })
    .await;
}

/// Back leads to a page that was done with, asked for anew or as the browser kept it. The Login page is good for
/// another address, so it is shown, and Forward goes on; every other leads to the page that is due, at the latest
/// when it is answered once more.
async fn back_from_every_page(backend: Backend) {
    at_every_page(backend, "back", async |browser, visitor, page, next| {
        visitor.answers(browser).await;
        browser.back().await;
        match next {
            Some(next) if page == "/login" => {
                browser.is_at("/login").await;
                browser.forward().await;
                browser.is_at(next).await;
            }
            Some(next) => {
                if browser.path().await == page {
                    visitor.answers(browser).await;
                }
                browser.is_at(next).await;
            }
            None if browser.path().await == page => visitor.answers(browser).await,
            None => {}
        }
    })
    .await;
}

async fn a_form_sent_twice_at_every_page(backend: Backend) {
    at_every_page(backend, "twice", async |browser, visitor, _, _| {
        let button = visitor.types(browser).await;
        browser.press_twice(&button).await;
        visitor.has_left(browser).await;
    })
    .await;
}

/// The second tab goes on to the end; then the first is gone on with.
async fn a_second_tab_at_every_page(backend: Backend) {
    let scene = Scene::open(backend).await;
    for scripts in BOTH {
        for (at, page) in ENROLMENT.iter().enumerate() {
            let mut visitor = scene.newcomer(&format!("tab-{at}-{scripts:?}").to_lowercase()).await;
            let browser = scene.begin(scripts).await;
            for _ in 0..at {
                visitor.answers(&browser).await;
            }
            browser.is_at(page).await;
            two_tabs(&scene, &browser, &mut visitor).await;
            browser.close().await;
            if at == 0 {
                let browser = scene.begin(scripts).await;
                visitor.answers(&browser).await;
                browser.is_at("/login/vip").await;
                two_tabs(&scene, &browser, &mut visitor).await;
                browser.close().await;
            }
        }
    }
}

async fn two_tabs(scene: &Scene, browser: &Browser, visitor: &mut Visitor) {
    let app = &scene.app.base;
    browser.second_tab(browser.url().await.as_str()).await;
    visitor.goes_on(browser, app).await;
    browser.first_tab().await;
    visitor.goes_on(browser, app).await;
    scene.is_signed_in(browser, visitor).await;
}

/// The page says that the browser kept no cookies, and its link begins again for the same application.
async fn lost_cookies_at_every_page(backend: Backend) {
    let scene = Scene::open(backend).await;
    for scripts in BOTH {
        for (at, page) in ENROLMENT.iter().enumerate() {
            let mut visitor = scene.newcomer(&format!("lost-{at}-{scripts:?}").to_lowercase()).await;
            let browser = scene.begin(scripts).await;
            for _ in 0..at {
                visitor.answers(&browser).await;
            }
            browser.is_at(page).await;
            let button = visitor.types(&browser).await;
            browser.clear_cookies().await;
            browser.press(&button).await;
            assert!(browser.all_text().await.contains("cookie"), "{}", browser.all_text().await);
            browser.follow("#continue").await;
            browser.is_at("/login").await;
            scene.has_a_way_in(&browser, &mut visitor, page).await;
            visitor.goes_on(&browser, &scene.app.base).await;
            scene.is_signed_in(&browser, &visitor).await;
            browser.close().await;
        }
    }
}

/// Without an application's hint a page asks; sent twice, reloaded and gone back to, it comes out the same.
async fn logging_out_twice_and_going_back(backend: Backend) {
    let stage = Stage::serve(backend).await;
    for scripts in BOTH {
        let browser = Browser::open(scripts).await;
        stage.sign_in(&browser, &stage.deepsight, "deepsight@example.com").await;
        let page = format!("{}/logout", stage.issuer);
        browser.go(&page).await;
        browser.reload().await;
        browser.is_at("/logout").await;
        browser.second_tab(&page).await;
        browser.press_twice("logout").await;
        assert!(!browser.has("button#logout").await, "{}", browser.all_text().await);
        browser.back().await;
        assert!(!browser.has("button#logout").await, "nobody is signed in: there is nothing to ask");
        // The first tab still shows the question.
        browser.first_tab().await;
        browser.press("logout").await;
        assert!(!browser.has("button#logout").await);
        browser.go(&format!("{}/login", stage.deepsight)).await;
        browser.is_at("/login").await;
        browser.close().await;
    }
}

/// The newest of the mails is as good as the first: the last three sent are.
async fn new_user_and_forgot_password_again_and_again(backend: Backend) {
    let scene = Scene::open(backend).await;
    let mails = scene.stage.cast().house.mails();
    for scripts in BOTH {
        let mut visitor = scene.newcomer(&format!("again-{scripts:?}").to_lowercase()).await;
        let browser = scene.begin(scripts).await;
        for (link, page, twice) in
            [("#new-user", "/new-user", false), ("#forgot-password", "/forgot-password", true)]
        {
            browser.follow(link).await;
            browser.is_at(page).await;
            browser.back().await;
            browser.is_at("/login").await;
            browser.forward().await;
            browser.reload().await;
            browser.fill("email", &visitor.human.email).await;
            let button = browser.page().await.form().expect("a form").buttons[0].clone();
            if twice {
                browser.press_twice(&button).await;
            } else {
                browser.press(&button).await;
                browser.reload().await;
            }
            assert_eq!(browser.problem().await, None);
            browser.follow("#continue").await;
            browser.is_at("/login").await;
        }
        visitor.temporary = Some(mails.temporary_password(&visitor.human.email, 2).await);
        visitor.goes_on(&browser, &scene.app.base).await;
        scene.is_signed_in(&browser, &visitor).await;
        browser.close().await;
    }
}
