//! What is on a page, read by a real HTML parser.

use scraper::{ElementRef, Html, Selector};
use url::Url;

/// A page as a browser shows it.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where the browser is.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// The response's headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The document.
    pub body: String,
    /// The text of the one `h1`.
    pub heading: String,
    /// The language of the document.
    pub language: String,
    /// The problem shown, if there is one.
    pub problem: Option<String>,
    /// Its forms.
    pub forms: Vec<Form>,
    /// Its links: `id`, text, destination.
    pub links: Vec<(String, String, Url)>,
}

/// A form.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where it goes.
    pub action: Url,
    /// `get` or `post`.
    pub method: String,
    /// What would be sent if the button were pressed now: name and value of each successful control.
    pub fields: Vec<(String, String)>,
    /// All its controls.
    pub controls: Vec<Control>,
    /// The `id`s of its buttons.
    pub buttons: Vec<String>,
}

/// A control of a form.
#[derive(Clone, Debug)]
pub struct Control {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Its value.
    pub value: String,
    /// The text of its label.
    pub label: String,
    /// Its `autocomplete`.
    pub autocomplete: Option<String>,
    /// Its `inputmode`.
    pub inputmode: Option<String>,
}

impl Page {
    /// Reads a document that was found at `url`.
    #[must_use]
    pub fn read(url: Url, status: u16, headers: Vec<(String, String)>, body: String) -> Self {
        let document = Html::parse_document(&body);
        let first = |css: &str| document.select(&selector(css)).next();
        let heading = first("h1").map(text).unwrap_or_default();
        let language = first("html").and_then(|html| html.attr("lang")).unwrap_or_default().to_owned();
        let problem = first("#problem, [role=alert]").map(text);
        let forms = document.select(&selector("form")).map(|form| read_form(form, &url, &document)).collect();
        let links = document
            .select(&selector("a[href]"))
            .filter_map(|link| {
                let to = url.join(link.attr("href")?).ok()?;
                Some((link.attr("id").unwrap_or_default().to_owned(), text(link), to))
            })
            .collect();
        Self { url, status, headers, body, heading, language, problem, forms, links }
    }

    /// The path of the page: which page it is.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// The page's form that posts.
    #[must_use]
    pub fn form(&self) -> Option<&Form> {
        self.forms.iter().find(|form| form.method == "post")
    }

    /// Where the link of that `id` leads.
    ///
    /// # Panics
    /// When there is no such link.
    #[must_use]
    pub fn link(&self, id: &str) -> &Url {
        let found = self.links.iter().find(|(own, ..)| own == id);
        &found.unwrap_or_else(|| panic!("no link {id:?} on {}:\n{}", self.url, self.body)).2
    }

    /// A response's header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("the selector is well formed")
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn read_form(form: ElementRef<'_>, page: &Url, document: &Html) -> Form {
    let action = form.attr("action").filter(|action| !action.is_empty());
    let action = action.and_then(|action| page.join(action).ok()).unwrap_or_else(|| page.clone());
    let mut fields = Vec::new();
    let mut controls = Vec::new();
    for control in form.select(&selector("input[name], select[name], textarea[name]")) {
        let control_read = read_control(control, document);
        let kind = control_read.kind.as_str();
        let ticked = control.attr("checked").is_some();
        let sent = match kind {
            "checkbox" | "radio" => ticked,
            "submit" | "button" => false,
            _ => true,
        };
        if sent && control.attr("disabled").is_none() {
            fields.push((control_read.name.clone(), control_read.value.clone()));
        }
        controls.push(control_read);
    }
    let pressed = selector("button[id], input[type=submit][id]");
    let buttons = form.select(&pressed).filter_map(|button| button.attr("id").map(str::to_owned)).collect();
    let method = form.attr("method").unwrap_or("get").to_lowercase();
    Form { action, method, fields, controls, buttons }
}

fn read_control(control: ElementRef<'_>, document: &Html) -> Control {
    let attribute = |name: &str| control.attr(name).map(str::to_owned);
    let value = if control.value().name() == "select" {
        let options: Vec<_> = control.select(&selector("option")).collect();
        let chosen = options.iter().find(|option| option.attr("selected").is_some()).or(options.first());
        chosen
            .map(|option| option.attr("value").map_or_else(|| text(*option), str::to_owned))
            .unwrap_or_default()
    } else {
        let fallback = if attribute("type").as_deref() == Some("checkbox") { "on" } else { "" };
        attribute("value").unwrap_or_else(|| fallback.to_owned())
    };
    let label = attribute("id")
        .and_then(|id| document.select(&selector(&format!("label[for={id:?}]"))).next())
        .map(text)
        .unwrap_or_default();
    let kind = match control.value().name() {
        "input" => attribute("type").unwrap_or_else(|| "text".to_owned()),
        other => other.to_owned(),
    };
    Control {
        name: attribute("name").unwrap_or_default(),
        kind,
        value,
        label,
        autocomplete: attribute("autocomplete"),
        inputmode: attribute("inputmode"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_sends_what_a_browser_would_send() {
        let body = "<html lang=en><h1>A <b>title</b></h1><form method=post action='/x?r=1'>
            <label for=a>Name</label><input id=a name=a value=1><input type=checkbox name=b value=yes>
            <input type=radio name=c value=1><input type=radio name=c value=2 checked>
            <select name=d><option value=''>none</option><option value=ja selected>日本語</option></select>
            <button id=go>Go</button></form><p id=problem>No</p><a id=n href=/new>New</a>";
        let url = Url::parse("https://a.example/login").unwrap();
        let page = Page::read(url, 200, Vec::new(), body.to_owned());
        assert_eq!(page.heading, "A title");
        assert_eq!(page.problem.as_deref(), Some("No"));
        assert_eq!(page.link("n").as_str(), "https://a.example/new");
        let form = page.form().unwrap();
        let sent = [("a", "1"), ("c", "2"), ("d", "ja")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(form.fields, sent);
        assert_eq!(form.action.as_str(), "https://a.example/x?r=1");
        assert_eq!(form.buttons, ["go"]);
        assert_eq!(form.controls[0].label, "Name");
    }
}
