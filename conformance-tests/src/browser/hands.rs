//! What a person does in a browser: types, clicks, goes back, opens a second tab.

use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource as _, MouseActions, PointerAction};
use fantoccini::elements::Element;
use url::Url;

use super::Browser;
use crate::cast::Human;

impl Browser {
    /// Types into a field, in place of what it holds.
    ///
    /// # Panics
    /// When there is no such field.
    pub async fn fill(&self, field: &str, value: &str) {
        let found = self.element(&format!("input[name={field}]")).await;
        found.clear().await.expect("a field can be cleared");
        found.send_keys(value).await.expect("a field can be typed into");
    }

    /// Chooses an option of a list by its value.
    ///
    /// # Panics
    /// When there is no such option.
    pub async fn choose(&self, field: &str, value: &str) {
        let css = format!("select[name={field}] option[value='{value}']");
        self.element(&css).await.click().await.expect("an option can be chosen");
    }

    /// Clicks a box or a radio button, which leads nowhere.
    ///
    /// # Panics
    /// When there is none.
    pub async fn tick(&self, css: &str) {
        self.element(css).await.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Clicks a link and waits for the page it leads to.
    ///
    /// # Panics
    /// When there is none, or it leads nowhere.
    pub async fn follow(&self, css: &str) {
        let before = self.element("html").await;
        self.tick(css).await;
        self.leave(&before).await;
    }

    /// Presses the button of that `id` and waits for the page it leads to.
    ///
    /// # Panics
    /// When there is none, or it leads nowhere.
    pub async fn press(&self, id: &str) {
        self.follow(&format!("button#{id}")).await;
    }

    /// Presses a button twice as fast as a mouse can, and waits for the page it leads to.
    ///
    /// # Panics
    /// When there is no such button, or it leads nowhere.
    pub async fn press_twice(&self, id: &str) {
        let before = self.element("html").await;
        let element = self.element(&format!("button#{id}")).await;
        let left = fantoccini::actions::MOUSE_BUTTON_LEFT;
        let (down, up) = (PointerAction::Down { button: left }, PointerAction::Up { button: left });
        let at = PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
        let mouse = MouseActions::new("mouse".into()).then(at);
        let mouse = mouse.then(down.clone()).then(up.clone()).then(down).then(up);
        self.client.perform_actions(mouse).await.expect("a mouse can be clicked");
        self.leave(&before).await;
    }

    /// Waits until a document has been replaced by another: a click answers before the form it sends has been
    /// answered. The driver holds the next command until the new document is there.
    async fn leave(&self, document: &Element) {
        let until = Instant::now() + Duration::from_secs(30);
        while document.tag_name().await.is_ok() {
            assert!(Instant::now() < until, "nothing came of the click on {}", self.url().await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Types into the page what this person knows and holds, without pressing its button. Returns the button's
    /// `id`, or nothing when the page asks for nothing.
    pub async fn type_as(&self, human: &mut Human) -> Option<String> {
        let page = self.page().await;
        let button = page.form()?.buttons.first()?.clone();
        let fields = human.fields(&page);
        if fields.is_empty() && page.path() != "/consent" {
            return None;
        }
        for (name, value) in fields {
            match name {
                "account" => self.tick(&format!("input[name=account][value='{value}']")).await,
                _ => self.fill(name, &value).await,
            }
        }
        Some(button)
    }

    /// Answers page after page as this person until it is at `app`.
    ///
    /// # Panics
    /// When it does not get there.
    pub async fn answer_as(&self, human: &mut Human, app: &str) {
        for _ in 0..8 {
            if self.url().await.as_str().starts_with(app) {
                return;
            }
            let Some(button) = self.type_as(human).await else { break };
            self.press(&button).await;
        }
        let (url, heading, problem) = (self.url().await, self.heading().await, self.problem().await);
        assert!(url.as_str().starts_with(app), "stuck at {url} «{heading}» {problem:?}");
    }

    /// Goes to an address as a form of a site elsewhere does that posts what is in the address's query.
    ///
    /// # Panics
    /// When it cannot, or nothing comes of it.
    pub async fn post(&self, url: &Url) {
        self.go("about:blank").await;
        let before = self.element("html").await;
        let fields: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let script = "const form = document.createElement('form');
            form.method = 'post';
            form.action = arguments[0];
            for (const [name, value] of arguments[1]) {
                const field = document.createElement('input');
                field.type = 'hidden';
                field.name = name;
                field.value = value;
                form.append(field);
            }
            document.body.append(form);
            form.submit();";
        let action = &url[..url::Position::AfterPath];
        let arguments = vec![action.into(), serde_json::json!(fields)];
        self.client.execute(script, arguments).await.expect("a form can be posted");
        self.leave(&before).await;
    }

    /// Goes back.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn back(&self) {
        self.client.back().await.expect("a browser goes back");
    }

    /// Goes forward.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn forward(&self) {
        self.client.forward().await.expect("a browser goes forward");
    }

    /// Reloads, sending a form once more when the page came from one.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("a browser reloads");
    }

    /// Opens a second tab at an address and stays there; the first goes on existing.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn second_tab(&self, url: &str) {
        let tab = self.client.new_window(true).await.expect("a browser opens a tab");
        self.client.switch_to_window(tab.handle).await.expect("a browser changes tabs");
        self.go(url).await;
    }

    /// Returns to the first tab, leaving the second open.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn first_tab(&self) {
        let tabs = self.client.windows().await.expect("a browser has tabs");
        self.client.switch_to_window(tabs[0].clone()).await.expect("a browser changes tabs");
    }
}
