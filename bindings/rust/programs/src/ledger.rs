//! What the values of a ring are made of, and where loads are written down.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use distcache::{Answer, DataSource, Failure, Fetch};

use crate::bytes::fnv1a;
use crate::Stop;

/// This language, as values and ledgers name it.
pub const LANGUAGE: &str = "rust";

/// The value of a key as one member makes it the nth time.
pub fn value(key: &str, name: &str, nth: &str) -> Vec<u8> {
    let text = format!("{key} {name} {LANGUAGE} {nth}");
    let mut value = text.clone().into_bytes();
    value.push(b'\n');
    value.extend(filling(text.as_bytes()));
    value
}

fn filling(text: &[u8]) -> impl Iterator<Item = u8> {
    let hash = fnv1a(text);
    let len = hash % 2048 + if hash % 64 == 0 { 100_000 } else { 0 };
    let mut x = hash | 1;
    (0..len).map(move |_| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x >> 56) as u8
    })
}

/// The words of a value behind its key, or why it is not what it must be.
pub fn check<'a>(key: &str, value: &'a [u8]) -> Result<&'a str, String> {
    let end = value.iter().position(|&byte| byte == b'\n').ok_or("it has no line feed")?;
    let text = std::str::from_utf8(&value[..end]).map_err(|_| "its line is no text")?;
    let words = text.strip_prefix(key).and_then(|rest| rest.strip_prefix(' '));
    let words = words.ok_or_else(|| format!("it says {text:?}"))?;
    if value[end + 1..].iter().copied().eq(filling(text.as_bytes())) {
        Ok(words)
    } else {
        Err("its filling is wrong".into())
    }
}

/// The source of a member: writes each load into the ledger before it answers.
pub struct Ledger {
    name: String,
    file: Mutex<File>,
    loads: AtomicU64,
    counted: Mutex<HashMap<String, u64>>,
}

impl Ledger {
    /// Opens the ledger of the member of this name.
    pub fn new(path: &str, name: &str) -> Result<Self, Stop> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Ledger {
            name: name.into(),
            file: Mutex::new(file),
            loads: AtomicU64::new(0),
            counted: Mutex::default(),
        })
    }

    /// How often the source was called.
    pub fn loads(&self) -> u64 {
        self.loads.load(Ordering::Relaxed)
    }
}

impl DataSource for Ledger {
    fn fetch(&self, fetch: &Fetch) -> Result<Answer, Failure> {
        let key = std::str::from_utf8(fetch.key())?;
        self.loads.fetch_add(1, Ordering::Relaxed);
        let nth = {
            let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counted.entry(key.into()).or_default();
            *count += 1;
            count.to_string()
        };
        let line = format!("{key} {} {LANGUAGE} {nth}\n", self.name);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes())?;
        Ok(Answer::value(value(key, &self.name, &nth)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_what_it_was_made_as() {
        let made = value("page-7", "a", "3");
        assert_eq!(check("page-7", &made), Ok("a rust 3"));
        assert!(check("page-", &made).is_err());
        let mut broken = made.clone();
        *broken.last_mut().unwrap() ^= 1;
        assert_eq!(check("page-7", &broken), Err("its filling is wrong".into()));
        assert_eq!(check("page-7", &made[..made.len() - 1]), Err("its filling is wrong".into()));
    }
}
