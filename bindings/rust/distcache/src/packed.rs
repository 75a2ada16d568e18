use crate::{Entry, Error, Ttl};

/// Keys or values of one call, end to end, as the library takes them.
#[derive(Default)]
pub(crate) struct Packed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) lens: Vec<u32>,
}

impl Packed {
    pub(crate) fn keys<I>(keys: I) -> Result<Self, Error>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        let keys = keys.into_iter();
        let mut packed = Packed::default();
        packed.lens.reserve(keys.size_hint().0);
        for key in keys {
            packed.push(key.as_ref())?;
        }
        Ok(packed)
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let len = u32::try_from(bytes.len()).map_err(|_| {
            Error::invalid(format!("one of many has {} bytes, over 4 GiB", bytes.len()))
        })?;
        self.bytes.extend_from_slice(bytes);
        self.lens.push(len);
        Ok(())
    }
}

/// The entries of one `put_many`.
#[derive(Default)]
pub(crate) struct PackedEntries {
    pub(crate) keys: Packed,
    pub(crate) values: Packed,
    pub(crate) ttls: Vec<i64>,
}

impl PackedEntries {
    pub(crate) fn new<'a, I>(entries: I) -> Result<Self, Error>
    where
        I: IntoIterator,
        I::Item: Into<Entry<'a>>,
    {
        let mut packed = PackedEntries::default();
        for entry in entries {
            let entry = entry.into();
            packed.keys.push(entry.key)?;
            packed.values.push(entry.value)?;
            packed.ttls.push(entry.ttl.as_millis());
        }
        Ok(packed)
    }
}

impl<'a> Entry<'a> {
    /// An entry that lives as long as the keyspace says.
    pub fn new<K, V>(key: &'a K, value: &'a V) -> Self
    where
        K: AsRef<[u8]> + ?Sized,
        V: AsRef<[u8]> + ?Sized,
    {
        Entry { key: key.as_ref(), value: value.as_ref(), ttl: Ttl::KEYSPACE }
    }

    /// The same with a life of its own.
    pub fn ttl(mut self, ttl: impl Into<Ttl>) -> Self {
        self.ttl = ttl.into();
        self
    }
}

impl<'a, K, V> From<(&'a K, &'a V)> for Entry<'a>
where
    K: AsRef<[u8]> + ?Sized,
    V: AsRef<[u8]> + ?Sized,
{
    fn from((key, value): (&'a K, &'a V)) -> Self {
        Entry::new(key, value)
    }
}
