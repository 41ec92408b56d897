//! HTML building blocks for the pages. All text is escaped where it is inserted; there is one style sheet and no
//! script.

use std::fmt::{Display, Write};

/// Escapes text for HTML, including for attributes.
pub fn esc(text: impl Display) -> String {
    let mut safe = String::new();
    for c in text.to_string().chars() {
        match c {
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

/// A whole page. `body` must be HTML.
pub fn page(title: &str, body: &str) -> String {
    let title = esc(title);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><link rel=\"icon\" href=\"data:,\"><title>{title}</title>\
         <style>{STYLE}</style></head><body>{body}</body></html>"
    )
}

/// A table. The cells must be HTML.
pub fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut html = String::from("<div class=\"scroll\"><table><thead><tr>");
    for head in heads {
        let _ = write!(html, "<th scope=\"col\">{}</th>", esc(head));
    }
    html.push_str("</tr></thead><tbody>");
    for row in rows {
        html.push_str("<tr>");
        for cell in row {
            let _ = write!(html, "<td>{cell}</td>");
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></div>");
    html
}

/// A number with its noun: `1 tag`, `2 tags`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A small coloured label.
pub fn chip(kind: &str, word: impl Display) -> String {
    format!("<span class=\"chip {kind}\">{}</span>", esc(word))
}

/// A drop-down list. Selects the option `chosen` or, if there is none, the first.
pub fn select(name: &str, label: &str, options: &[(String, String)], chosen: &str) -> String {
    let mut html = format!("<label>{}<select name=\"{}\">", esc(label), esc(name));
    for (value, text) in options {
        let mark = if value == chosen { " selected" } else { "" };
        let _ = write!(html, "<option value=\"{}\"{mark}>{}</option>", esc(value), esc(text));
    }
    html.push_str("</select></label>");
    html
}

/// A labelled text field.
pub fn field(name: &str, label: &str, value: impl Display) -> String {
    format!("<label>{}<input name=\"{}\" value=\"{}\"></label>", esc(label), esc(name), esc(value))
}

/// A form that posts to one of the simulator's routes.
pub fn form(action: &str, inner: &str, button: &str) -> String {
    format!("<form method=\"post\" action=\"{}\">{inner}<button>{}</button></form>", esc(action), esc(button))
}

const STYLE: &str = "\
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--text:#18202b;--dim:#5b6675;--line:#dfe3e9;--accent:#1f5eff;\
--on:#fff;--good:#137a4b;--goodbg:#e2f5ec;--bad:#b3261e;--badbg:#fdeceb;--warn:#8a5a00;--warnbg:#fdf3dd;--info:#1f4fbf;--infobg:#e8effd}\
@media(prefers-color-scheme:dark){:root{--bg:#10141b;--card:#181e27;--text:#e8ecf2;--dim:#9aa6b6;--line:#2a3341;--accent:#7aa2ff;\
--on:#0c1220;--good:#6fd3a2;--goodbg:#123324;--bad:#ff9d95;--badbg:#3a1a18;--warn:#f2c66d;--warnbg:#362a10;--info:#a5c0ff;--infobg:#1a2745}}\
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,sans-serif}\
main{max-width:1180px;margin:0 auto;padding:24px 16px 64px}header{display:flex;flex-wrap:wrap;gap:8px 20px;align-items:baseline}\
h1{font-size:24px;margin:0}h2{font-size:17px;margin:0 0 12px}h3{font-size:14px;margin:16px 0 6px}a{color:var(--accent)}\
p{margin:0 0 10px}.dim,small{color:var(--dim)}section{background:var(--card);border:1px solid var(--line);border-radius:12px;\
padding:18px;margin-top:18px}.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(270px,1fr));gap:18px}\
.grid>section{margin-top:0}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:14px}\
th{text-align:left;color:var(--dim);font-weight:600;font-size:12px}th,td{padding:7px 10px 7px 0;border-bottom:1px solid var(--line);vertical-align:top}\
tr:last-child td{border-bottom:0}code,.id{font:12px ui-monospace,monospace;color:var(--dim);overflow-wrap:anywhere}\
.chip{display:inline-block;border-radius:99px;padding:1px 9px;font-size:12px;background:var(--line)}\
.good{color:var(--good);background:var(--goodbg)}.bad{color:var(--bad);background:var(--badbg)}\
.warn{color:var(--warn);background:var(--warnbg)}.info{color:var(--info);background:var(--infobg)}\
.said{border-radius:10px;padding:10px 14px;margin-top:16px}form{display:grid;gap:10px;margin:0 0 14px}form.row{display:inline-grid;margin:0 8px 8px 0}\
label{display:grid;gap:3px;font-size:13px;color:var(--dim)}label.check{display:flex;gap:9px;align-items:center;font-size:15px;color:var(--text)}\
input:not([type=checkbox]):not([type=radio]),select{font:inherit;color:var(--text);background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:7px 9px;width:100%}\
button,.button{font:inherit;font-weight:600;border:1px solid var(--accent);background:var(--accent);color:var(--on);border-radius:8px;padding:8px 16px;cursor:pointer;text-decoration:none;display:inline-block}\
button.plain,.button.plain{background:transparent;color:var(--accent)}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}\
progress{width:100%;accent-color:var(--accent)}ul{margin:0 0 10px;padding-left:20px}fieldset{border:1px solid var(--line);border-radius:10px;padding:12px 14px;margin:0 0 14px;display:grid;gap:8px}\
legend{font-size:13px;color:var(--dim);padding:0 6px}.narrow{max-width:640px}.actions{display:flex;gap:12px;flex-wrap:wrap}\
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:14px/1.6 ui-monospace,monospace;margin:0}nav{display:flex;gap:14px;flex-wrap:wrap}\
ul.columns{columns:220px}.inset{display:grid;gap:8px;padding-left:26px}\
.actions,.grid{margin-top:18px}details summary{cursor:pointer;color:var(--dim)}main h1+.dim{display:block}.logo{width:44px;height:44px;border-radius:12px;background:var(--accent);color:var(--on);display:grid;place-items:center;font-weight:700;font-size:20px}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(esc("<img src=x onerror='a'>&\""), "&lt;img src=x onerror=&#39;a&#39;&gt;&amp;&quot;");
        assert!(!field("n", "l", "\"><script>").contains("<script>"));
    }
}
