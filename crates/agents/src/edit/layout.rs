//! How a file is laid out, so that what is put in looks like the rest.

use crate::node::Node;

/// The line end of a text.
pub(super) fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Blanks and tabs at the start of the line in which this byte stands.
pub(super) fn indent_of(text: &str, byte: usize) -> &str {
    let start = text[..byte].rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..byte].trim_start_matches('\u{feff}');
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Whether nothing but blanks stands before this byte in its line.
pub(super) fn begins_line(text: &str, byte: usize) -> bool {
    let start = text[..byte].rfind('\n').map_or(0, |at| at + 1);
    start > 0 && text[start..byte].trim_matches([' ', '\t']).is_empty()
}

/// A node as JSON, over several lines if there is an indent.
pub(super) fn json(node: &Node, indent: Option<(&str, &str)>, line_end: &str) -> String {
    let mut out = String::new();
    write(&mut out, node, indent, line_end);
    out
}

fn write(out: &mut String, node: &Node, indent: Option<(&str, &str)>, line_end: &str) {
    let (open, close, len, lines) = match node {
        Node::Text(text) => return out.push_str(&quoted(text)),
        Node::Number(number) => return out.push_str(&number.to_string()),
        Node::Flag(flag) => return out.push_str(if *flag { "true" } else { "false" }),
        Node::List(nodes) => ('[', ']', nodes.len(), !nodes.iter().all(Node::is_scalar)),
        Node::Map(entries) => ('{', '}', entries.len(), true),
    };
    let inner = indent.filter(|_| lines && len > 0).map(|(unit, base)| (unit, format!("{base}{unit}")));
    out.push(open);
    for at in 0..len {
        if at > 0 {
            out.push(',');
        }
        match &inner {
            Some((_, base)) => {
                out.push_str(line_end);
                out.push_str(base);
            }
            None if at > 0 => out.push(' '),
            None => {}
        }
        let value = match node {
            Node::Map(entries) => {
                out.push_str(&quoted(&entries[at].0));
                out.push_str(": ");
                &entries[at].1
            }
            Node::List(nodes) => &nodes[at],
            _ => return,
        };
        write(out, value, inner.as_ref().map(|(unit, base)| (*unit, base.as_str())), line_end);
    }
    if let (Some(_), Some((_, base))) = (&inner, indent) {
        out.push_str(line_end);
        out.push_str(base);
    }
    out.push(close);
}

/// A text as JSON and TOML both write it.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// What stands between two parts of a JSON text: blanks, comments, and one comma at most.
pub(super) struct Gap {
    /// Where the comma is.
    pub comma: Option<usize>,
    /// Behind the comma, or where the gap begins, and behind the comments that follow there in the same line.
    pub anchor: usize,
    /// Behind the last comment.
    pub comments_end: Option<usize>,
}

pub(super) fn gap(text: &str, from: usize, to: usize) -> Gap {
    let mut gap = Gap { comma: None, anchor: from, comments_end: None };
    let mut at = from;
    let mut same_line = true;
    while at < to {
        let rest = &text[at..to];
        if rest.starts_with("//") || rest.starts_with("/*") {
            let line = rest.starts_with("//");
            let len = if line { rest.find('\n').unwrap_or(rest.len()) } else { rest.find("*/").map_or(rest.len(), |end| end + 2) };
            let comment = rest[..len].trim_end_matches('\r');
            at += if line { comment.len() } else { len };
            gap.comments_end = Some(at);
            if same_line && (line || !comment.contains('\n')) {
                gap.anchor = at;
            }
            continue;
        }
        let Some(letter) = rest.chars().next() else { break };
        match letter {
            ',' => {
                gap.comma = Some(at);
                gap.anchor = at + 1;
                same_line = true;
            }
            '\n' => same_line = false,
            _ => {}
        }
        at += letter.len_utf8();
    }
    gap
}
