//! The notations of keys and values.

use serde_json::Value as Json;

use crate::Stop;

/// FNV-1a, 64 bits.
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(14_695_981_039_346_656_037, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(1_099_511_628_211)
    })
}

/// The bytes that a notation stands for.
pub fn bytes_of(notation: &Json) -> Result<Vec<u8>, Stop> {
    if let Some(text) = notation.as_str() {
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(hex) = notation.get("hex") {
        return unhex(hex);
    }
    if let Some(hex) = notation.get("repeat") {
        let times = notation.get("times").and_then(Json::as_u64).ok_or("repeat without times")?;
        return Ok(unhex(hex)?.repeat(times as usize));
    }
    let count = notation.get("ramp").and_then(Json::as_u64);
    let count = count.ok_or_else(|| format!("{notation} stands for no bytes"))?;
    Ok((0..count).map(|index| index as u8).collect())
}

fn unhex(hex: &Json) -> Result<Vec<u8>, Stop> {
    let hex = hex.as_str().ok_or("hex is a text")?;
    let digits = |at| hex.get(at..at + 2).ok_or_else(|| format!("odd number of digits in {hex}"));
    (0..hex.len()).step_by(2).map(|at| Ok(u8::from_str_radix(digits(at)?, 16)?)).collect()
}

/// A value as the output shows it: short text as it is, anything else by length and hash.
pub fn shown(value: &[u8]) -> String {
    let plain = |&byte: &u8| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\';
    if value.len() <= 64 && value.iter().all(plain) {
        format!("\"{}\"", String::from_utf8_lossy(value))
    } else {
        format!("[{} bytes {:016x}]", value.len(), fnv1a(value))
    }
}

/// Refuses an object with members that are not `known`: a misspelt one must not pass unseen.
pub fn expect_members(object: &Json, known: &[&str]) -> Result<(), Stop> {
    let object = object.as_object().ok_or_else(|| format!("{object} is no object"))?;
    match object.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("no member is called {name}").into()),
        None => Ok(()),
    }
}

/// A text of an object, or what it is by default.
pub fn text<'a>(object: &'a Json, name: &str, default: &'a str) -> &'a str {
    object.get(name).and_then(Json::as_str).unwrap_or(default)
}

/// Whether an object says `true`.
pub fn is(object: &Json, name: &str) -> bool {
    object.get(name).and_then(Json::as_bool).unwrap_or(false)
}

/// A number of an object, or 0.
pub fn number(object: &Json, name: &str) -> i64 {
    object.get(name).and_then(Json::as_i64).unwrap_or(0)
}

/// The texts of a list.
pub fn texts<'a>(object: &'a Json, name: &str) -> impl Iterator<Item = &'a str> {
    object.get(name).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
}

/// The members of an object of texts.
pub fn properties(object: &Json) -> impl Iterator<Item = (&str, &str)> {
    let properties = object.get("properties").and_then(Json::as_object).into_iter().flatten();
    properties.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
}
