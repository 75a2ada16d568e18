use std::time::Duration;

use distcache::{CallOptions, Entry, Error, Origin, Peek, Trace, Ttl, Version};

use crate::common::{block_on, exclaim, open, open_with, users};

#[test]
fn a_get_loads_once_and_then_hits() {
    let (_engine, users) = open(exclaim);
    let loaded = users.get("a").unwrap().unwrap();
    assert_eq!((&*loaded, loaded.origin()), (&b"a!"[..], Origin::Source));
    let hit = users.get("a").unwrap().unwrap();
    assert_eq!((&*hit, hit.origin(), hit.is_stale()), (&b"a!"[..], Origin::Local, false));
    assert_eq!(hit.remaining_ttl(), None);
    assert_ne!(hit.version(), Version::default());
    assert!(users.get("missing").unwrap().is_none());
    // Without a copy: both views borrow the same bytes.
    let again = users.get("a").unwrap().unwrap();
    assert_eq!(hit.as_ptr(), again.as_ptr());
}

#[test]
fn keys_and_values_are_any_bytes() {
    let (_engine, users) = open(exclaim);
    for byte in 0..=255u8 {
        let key = [byte, 0, byte];
        users.put(key, [byte]).unwrap();
        assert_eq!(&*users.get(key).unwrap().unwrap(), [byte]);
    }
    users.put("empty", "").unwrap();
    assert_eq!(users.get("empty").unwrap().unwrap().len(), 0);
    let big: Vec<u8> = (0..1 << 20).map(|at| (at % 251) as u8).collect();
    users.put("big", &big).unwrap();
    assert_eq!(&*users.get("big").unwrap().unwrap(), &big[..]);
    for key in [&[][..], &[b'k'; 4097][..]] {
        assert!(matches!(users.get(key), Err(Error::InvalidArgument(_))));
        assert!(matches!(users.put(key, "v"), Err(Error::InvalidArgument(_))));
        assert!(matches!(users.delete(key), Err(Error::InvalidArgument(_))));
        assert!(matches!(block_on(users.get_async(key)), Err(Error::InvalidArgument(_))));
    }
}

#[test]
fn peek_tells_three_things_apart() {
    let negative = Duration::from_secs(3600);
    let (_engine, users) = open_with(users().source(exclaim).negative_ttl(negative));
    assert!(matches!(users.peek("a").unwrap(), Peek::NotCached));
    users.get("a").unwrap();
    assert!(matches!(users.peek("a").unwrap(), Peek::Value(value) if *value == *b"a!"));
    users.get("missing").unwrap();
    assert!(matches!(users.peek("missing").unwrap(), Peek::NotFound));
}

#[test]
fn writes_are_read_and_deletes_forget() {
    let (_engine, users) = open(exclaim);
    users.put("a", "one").unwrap();
    assert_eq!(&*users.get("a").unwrap().unwrap(), b"one");
    let kept = users.get("a").unwrap().unwrap();
    users.delete("a").unwrap();
    assert_eq!(&*users.get("a").unwrap().unwrap(), b"a!");
    assert_eq!(&*kept, b"one"); // what is held stays what it was
    let too_large = vec![0; 17 << 20];
    assert!(matches!(users.put("a", &too_large), Err(Error::TooLarge(_))));
}

#[test]
fn the_many_forms_answer_for_each_key() {
    let (_engine, users) = open_with(users().source(exclaim).value_bytes_max(1000));
    let wrote = users.put_many([("x", "1"), ("y", ""), ("x", "2")]).unwrap();
    assert!(wrote.iter().all(Result::is_ok) && wrote.len() == 3);
    let large = [0; 1001];
    let wrote =
        users.put_many([Entry::new("z", &large), Entry::new("w", "w").ttl(Ttl::NEVER)]).unwrap();
    assert!(matches!(wrote[0], Err(Error::TooLarge(_))));
    assert!(wrote[1].is_ok());

    let read = users.get_many(["x", "missing", "y", "x", "b"]).unwrap();
    let read: Vec<_> = read.into_iter().map(|item| item.unwrap()).collect();
    let text = |at: usize| read[at].as_deref().map(String::from_utf8_lossy);
    assert_eq!(text(0).unwrap(), "2");
    assert!(text(1).is_none());
    assert_eq!(text(2).unwrap(), "");
    assert_eq!(text(3).unwrap(), "2");
    assert_eq!(text(4).unwrap(), "b!");

    assert!(users.delete_many(["x", "y"]).unwrap().iter().all(Result::is_ok));
    assert!(matches!(users.peek("x").unwrap(), Peek::NotCached));
    let none: [&str; 0] = [];
    assert_eq!(users.get_many(none).unwrap().len(), 0);
    assert!(matches!(users.get_many(["a", ""]), Err(Error::InvalidArgument(_))));
}

#[test]
fn an_entry_has_the_ttl_that_was_asked_for() {
    let (_engine, users) = open(exclaim);
    let hour = Duration::from_secs(3600);
    let in_hours = |key: &str| {
        let left = users.get(key).unwrap().unwrap().remaining_ttl();
        left.map(|left| left.as_secs().div_ceil(3600))
    };
    let long = users.with(CallOptions::new().ttl(10 * hour));
    long.put_many([Entry::new("a", "1").ttl(hour), ("b", "2").into()]).unwrap();
    assert_eq!(in_hours("a"), Some(1));
    assert!(matches!(in_hours("b"), Some(9 | 10))); // jitter shortens it
    long.with(CallOptions::new().ttl(Ttl::NEVER)).put("c", "3").unwrap();
    assert_eq!(in_hours("c"), None);
    let bad = users.with(CallOptions::new().ttl(Ttl::from_millis(-7))).put("d", "4");
    assert!(matches!(bad, Err(Error::InvalidArgument(_))));
}

#[test]
fn options_are_checked() {
    let (_engine, users) = open(exclaim);
    let late = users.with(CallOptions::new().timeout_millis(-1));
    let refused = late.get("a").err().unwrap();
    assert!(matches!(refused, Error::InvalidArgument(_)) && refused.message().contains("timeout"));
    let trace = Trace {
        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into(),
        tracestate: "a=1".into(),
    };
    let traced = users.with(CallOptions::new().trace(&trace).unwrap());
    assert_eq!(&*traced.get("a").unwrap().unwrap(), b"a!");
    let long = Trace { tracestate: "x".repeat(520), ..trace };
    assert!(matches!(CallOptions::new().trace(&long), Err(Error::InvalidArgument(_))));
}
