//! How does a mail look? One layout for all mails: the sender's name or logo, a few sentences, at most one button,
//! and a foot. It is written as text and as HTML. Every text is escaped here, and nothing else writes HTML.

use domain::brand::Shades;
use domain::language::Language;

use crate::foot;

/// Who sends a mail, as the recipient sees it. The default is the product itself.
#[derive(Clone, Debug, Default)]
pub struct Sender {
    /// The agency's name, without anything that a mail program would turn into a link. `None` for the product itself.
    pub name: Option<String>,
    /// Address of the agency's logo.
    pub logo: Option<String>,
    /// The colour of the button.
    pub accent: Shades,
    /// Where an answer goes.
    pub reply_to: Option<String>,
    /// The language of the mail.
    pub language: Language,
}

/// What a mail says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// Paragraphs before the button.
    pub before: Vec<String>,
    /// What the mail lists, after these paragraphs.
    pub groups: Vec<Group>,
    /// The one thing to do.
    pub button: Option<Button>,
    /// Paragraphs after the button.
    pub after: Vec<String>,
    /// Why the recipient gets the mail, small under it.
    pub why: Option<String>,
    /// Small links under the mail: settings, and how to stop such mails.
    pub links: Vec<Button>,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What stands above it; may be empty.
    pub heading: String,
    /// Its lines, each of which leads somewhere.
    pub lines: Vec<Button>,
}

/// The one button of a mail, a line of a list, or a link under the mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What pressing it does.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

impl Body {
    /// A mail that begins with this paragraph.
    #[must_use]
    pub fn saying(paragraph: impl Into<String>) -> Self {
        Self { before: vec![paragraph.into()], ..Self::default() }
    }

    /// A mail that lists this.
    #[must_use]
    pub fn listing(groups: Vec<Group>) -> Self {
        Self { groups, ..Self::default() }
    }

    /// Adds the button.
    #[must_use]
    pub fn with_button(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.button = Some(Button { label: label.into(), href: href.into() });
        self
    }

    /// Adds a paragraph: after the button, if there is one already.
    #[must_use]
    pub fn and(mut self, paragraph: impl Into<String>) -> Self {
        let part = if self.button.is_some() { &mut self.after } else { &mut self.before };
        part.push(paragraph.into());
        self
    }

    /// Says under the mail why the recipient gets it.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Adds a small link under the mail.
    #[must_use]
    pub fn with_link(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.links.push(Button { label: label.into(), href: href.into() });
        self
    }

    /// The mail as plain text. The address of the button, and of each line of a list, stands on a line of its own.
    #[must_use]
    pub fn text(&self, sender: &Sender) -> String {
        let link = self.button.as_ref().map(|button| button.href.clone());
        let links = self.links.iter().map(|link| format!("{}: {}", link.label, link.href)).collect::<Vec<_>>();
        let links = (!links.is_empty()).then(|| links.join("\n"));
        let groups = self.groups.iter().map(text_group);
        let after = self.after.iter().cloned().chain(self.why.clone());
        let paragraphs = self.before.iter().cloned().chain(groups).chain(link).chain(after).chain(links);
        let foot = sender.name.as_ref().map(|name| format!("-- \n{}", (foot::texts(sender.language).signed)(name)));
        paragraphs.chain(foot).collect::<Vec<_>>().join("\n\n")
    }

    /// The mail as an HTML document.
    #[must_use]
    pub fn html(&self, subject: &str, sender: &Sender) -> String {
        let paragraph = |text: &String| format!("<p style=\"margin:0 0 16px\">{}</p>\n", lines(text));
        let before: String = self.before.iter().map(paragraph).collect();
        let groups: String = self.groups.iter().map(html_group).collect();
        let after: String = self.after.iter().map(paragraph).collect();
        let button = self.button.as_ref().map(|button| html_button(button, sender)).unwrap_or_default();
        let texts = foot::texts(sender.language);
        let name = sender.name.as_ref().map(|name| escape(name));
        let foot = name.map_or_else(|| texts.sent_by_product.to_owned(), |name| (texts.sent_by)(&name));
        let links = html_links(&self.links);
        let why = self.why.as_ref().map(|why| format!("{}<br>\n", escape(why))).unwrap_or_default();
        format!(
            "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light\">\n<title>{title}</title>\n</head>\n\
             <body style=\"margin:0;padding:24px 12px;background:#f5f5f7;{FONT}\">\n\
             <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td align=\"center\">\n\
             <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"max-width:560px\">\n\
             <tr><td style=\"padding:0 4px 16px\">{head}</td></tr>\n\
             <tr><td style=\"padding:28px;background:#ffffff;border:1px solid #e4e4e9;border-radius:8px;word-break:break-word;overflow-wrap:anywhere\">\n\
             {before}{groups}{button}{after}</td></tr>\n\
             <tr><td style=\"padding:16px 4px;font-size:12px;color:#64646f\">{why}{links}{foot}</td></tr>\n\
             </table>\n</td></tr></table>\n</body>\n</html>\n",
            title = escape(subject),
            head = head(sender),
            lang = sender.language.key(),
        )
    }
}

const FONT: &str = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;\
                    line-height:24px;color:#1f2026";

/// The logo, or the name in its place. The logo's description is the name, for mail programs that load no images.
fn head(sender: &Sender) -> String {
    let name = escape(sender.name.as_deref().unwrap_or("Slipway"));
    match &sender.logo {
        Some(logo) => format!(
            "<img src=\"{}\" alt=\"{name}\" height=\"40\" style=\"height:40px;max-width:240px;border:0;font-size:18px;font-weight:600\">",
            escape(logo)
        ),
        None => format!("<span style=\"font-size:18px;font-weight:600\">{name}</span>"),
    }
}

/// A part of a list as text.
fn text_group(group: &Group) -> String {
    let heading = (!group.heading.is_empty()).then(|| group.heading.clone());
    let lines = group.lines.iter().map(|line| format!("\u{2022} {}\n  {}", line.label, line.href));
    heading.into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

/// A part of a list. Its lines have the colour of text, so that any brand's list can be read.
fn html_group(group: &Group) -> String {
    let line = |line: &Button| {
        let (label, href) = (escape(&line.label), escape(&line.href));
        format!("<li style=\"margin:0 0 6px\"><a href=\"{href}\" style=\"color:#1f2026\">{label}</a></li>\n")
    };
    let heading = match group.heading.as_str() {
        "" => String::new(),
        heading => format!("<h2 style=\"margin:0 0 8px;font-size:15px;line-height:24px\">{}</h2>\n", escape(heading)),
    };
    let lines: String = group.lines.iter().map(line).collect();
    format!("{heading}<ul style=\"margin:0 0 16px;padding:0 0 0 20px\">\n{lines}</ul>\n")
}

/// The button, and its address as text for those who cannot press it.
fn html_button(button: &Button, sender: &Sender) -> String {
    let (label, href) = (escape(&button.label), escape(&button.href));
    let shade = sender.accent.light;
    format!(
        "<p style=\"margin:24px 0\"><a href=\"{href}\" style=\"display:inline-block;padding:11px 20px;border-radius:6px;\
         background:{};color:{};font-weight:600;text-decoration:none\">{label}</a></p>\n\
         <p style=\"margin:0 0 16px;font-size:12px;color:#64646f\">{hint}<br>\n\
         <span style=\"word-break:break-all\">{href}</span></p>\n",
        shade.fill,
        shade.text,
        hint = foot::texts(sender.language).button_fails
    )
}

/// The links under the mail, by their words: an address may be longer than a phone is wide.
fn html_links(links: &[Button]) -> String {
    let link = |link: &Button| {
        format!("<a href=\"{}\" style=\"color:#64646f\">{}</a>", escape(&link.href), escape(&link.label))
    };
    match links {
        [] => String::new(),
        links => format!("{}<br>\n", links.iter().map(link).collect::<Vec<_>>().join(" \u{b7} ")),
    }
}

/// A paragraph's text with its line breaks.
fn lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("<br>\n")
}

/// Escapes text for HTML, including for attributes.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agency() -> Sender {
        Sender { name: Some("Harbor <b>".into()), logo: Some("http://x/brand/1?v=\"".into()), ..Sender::default() }
    }

    #[test]
    fn text_and_html_say_the_same() {
        let body = Body::saying("You are invited.").with_button("Accept", "http://x/invite/s").and("It works once.");
        assert_eq!(
            body.text(&Sender::default()),
            "You are invited.\n\nhttp://x/invite/s\n\nIt works once.",
            "the product signs nothing"
        );
        let html = body.html("Hello", &Sender::default());
        for part in ["You are invited.", "href=\"http://x/invite/s\"", ">Accept</a>", "It works once.", "Slipway"] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn links_under_the_mail_are_words_in_html_and_addresses_in_text() {
        let body = Body::saying("Hi").because("You <asked>.").with_link("Settings", "http://x/me");
        let body = body.with_link("Stop", "http://x/stop/1");
        let text = "Hi\n\nYou <asked>.\n\nSettings: http://x/me\nStop: http://x/stop/1";
        assert_eq!(body.text(&Sender::default()), text);
        let html = body.html("Hi", &Sender::default());
        assert!(html.contains("href=\"http://x/stop/1\"") && !html.contains(">http://x/stop/1"), "{html}");
        assert!(html.contains("color:#64646f\">You &lt;asked&gt;.<br>"), "{html}");
    }

    #[test]
    fn a_list_has_headings_and_each_line_leads_to_its_page() {
        let line = |label: &str, href: &str| Button { label: label.to_owned(), href: href.to_owned() };
        let first = Group {
            heading: "Needs <b>".into(),
            lines: vec![line("One <i>", "http://x/1"), line("Two", "http://x/2")],
        };
        let rest = Group { heading: String::new(), lines: vec![line("and 3 more", "http://x/all")] };
        let body = Body::listing(vec![first, rest]).with_button("Open", "http://x/all");
        let text = "Needs <b>\n\u{2022} One <i>\n  http://x/1\n\u{2022} Two\n  http://x/2\n\n\u{2022} and 3 more\n  http://x/all\n\nhttp://x/all";
        assert_eq!(body.text(&Sender::default()), text);
        let html = body.html("Hi", &Sender::default());
        for part in ["Needs &lt;b&gt;</h2>", "href=\"http://x/1\"", ">One &lt;i&gt;</a>", ">and 3 more</a>"] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert_eq!(html.matches("<h2").count(), 1, "{html}");
    }

    #[test]
    fn nothing_becomes_markup() {
        let body = Body::saying("<b>&\"'").with_button("<i>", "http://x/\"><script>").and("a\n<u>b");
        let body = body.with_link("<b>", "http://x/\"><script>");
        let html = body.html("</title><b>", &agency());
        for bad in ["<b>", "<i>", "<script>", "<u>", "v=\"\""] {
            assert!(!html.contains(bad), "{bad}: {html}");
        }
        assert!(html.contains("a<br>\n&lt;u&gt;b"), "{html}");
    }

    #[test]
    fn a_long_address_makes_no_mail_wider_than_a_phone() {
        let html = Body::saying(format!("Stop these: http://x/{}", "0".repeat(64))).html("Hi", &agency());
        let (before, _) = html.split_once("Stop these").expect("it is said");
        assert!(
            before.ends_with("<p style=\"margin:0 0 16px\">") && before.contains("overflow-wrap:anywhere"),
            "{html}"
        );
    }

    #[test]
    fn an_agency_signs_and_shows_its_logo_with_its_name_as_description() {
        let body = Body::saying("Hi");
        assert!(body.text(&agency()).ends_with("-- \nHarbor <b>, with Slipway"));
        let html = body.html("Hi", &agency());
        assert!(html.contains("alt=\"Harbor &lt;b&gt;\"") && html.contains("with Slipway"), "{html}");
    }

    #[test]
    fn the_parts_that_every_mail_has_are_in_its_language() {
        let body = Body::saying("Hola").with_button("Aceptar", "http://x/invite/s");
        let html = body.html("Hola", &Sender { language: Language::Spanish, ..agency() });
        for part in ["<html lang=\"es\">", "Si el botón no funciona", "Enviado por Harbor &lt;b&gt; con Slipway"] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!html.contains("If the button"), "{html}");
    }
}
