//! What a file means, to compare it before and after: without order of keys, form and comments.

use serde_json::Value;

use super::Op;

/// What stands where something of ours was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// What was put there, maybe with additions.
    Ours,
    /// Something that has nothing to do with it.
    Other,
}

/// Whether the file says what is wanted. Additions to an entry by its person do not speak against it.
pub(super) fn holds(file: &Value, op: &Op) -> bool {
    let Some(there) = at(file, op.path()) else { return false };
    match op {
        Op::Entry { value, .. } => includes(there, &value.value()),
        Op::Append { key, mark, .. } => there.as_array().is_some_and(|list| list.iter().any(|element| marked(element, key, mark))),
        Op::Default { .. } => true,
    }
}

pub(super) fn find(file: &Value, op: &Op) -> Found {
    let Some(there) = at(file, op.path()) else { return Found::Nothing };
    match op {
        Op::Entry { value, .. } => {
            let ours = value.value();
            let same = ours.as_object().map_or(*there == ours, |ours| {
                ADDRESS.iter().any(|key| ours.get(*key).is_some_and(|address| there.get(*key) == Some(address)))
            });
            if same { Found::Ours } else { Found::Other }
        }
        Op::Append { .. } if holds(file, op) => Found::Ours,
        Op::Append { .. } => Found::Nothing,
        Op::Default { value, .. } => {
            if *there == value.value() {
                Found::Ours
            } else {
                Found::Other
            }
        }
    }
}

/// The keys that say where a server is: an entry with the same address is the same entry, whatever a person added to it.
const ADDRESS: [&str; 4] = ["url", "serverUrl", "httpUrl", "command"];

/// Everything that the operation is not about. Maps and lists that hold nothing are left out: they come and go with what they
/// hold.
pub(super) fn rest(file: &Value, op: &Op) -> Value {
    let mut file = file.clone();
    if let Some((last, parents)) = op.path().split_last()
        && let Some(parent) = at_mut(&mut file, parents)
    {
        match op {
            Op::Append { key, mark, .. } => {
                if let Some(Value::Array(list)) = parent.get_mut(last) {
                    for element in &mut *list {
                        drop_marked(element, key, mark);
                    }
                    list.retain(|element| !marked(element, key, mark));
                }
            }
            Op::Entry { .. } | Op::Default { .. } => {
                if let Value::Object(map) = parent {
                    map.remove(last);
                }
            }
        }
    }
    prune(&mut file);
    file
}

/// Whether the element has that text under that key, at any depth.
pub(super) fn marked(element: &Value, key: &str, mark: &str) -> bool {
    match element {
        Value::Object(map) => {
            map.get(key).is_some_and(|text| text.as_str() == Some(mark)) || map.values().any(|inner| marked(inner, key, mark))
        }
        Value::Array(list) => list.iter().any(|inner| marked(inner, key, mark)),
        _ => false,
    }
}

/// Takes what is marked out of lists within an element, where a person has put something of their own beside it.
fn drop_marked(element: &mut Value, key: &str, mark: &str) {
    let Value::Object(map) = element else { return };
    for inner in map.values_mut() {
        if let Value::Array(list) = inner
            && list.iter().any(|inner| !marked(inner, key, mark))
        {
            list.retain(|inner| !marked(inner, key, mark));
        }
    }
}

/// Whether a value has all that another has, and maybe more keys.
fn includes(there: &Value, wanted: &Value) -> bool {
    match (there, wanted) {
        (Value::Object(there), Value::Object(wanted)) => {
            wanted.iter().all(|(key, value)| there.get(key).is_some_and(|inner| includes(inner, value)))
        }
        _ => there == wanted,
    }
}

fn at<'a>(file: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(file, |value, key| value.get(key))
}

fn at_mut<'a>(file: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    path.iter().try_fold(file, |value, key| value.get_mut(key))
}

fn prune(value: &mut Value) {
    let hollow = |value: &Value| value.as_object().is_some_and(serde_json::Map::is_empty) || value.as_array().is_some_and(Vec::is_empty);
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(prune);
            map.retain(|_, inner| !hollow(inner));
        }
        Value::Array(list) => {
            list.iter_mut().for_each(prune);
            list.retain(|inner| !hollow(inner));
        }
        _ => {}
    }
}
