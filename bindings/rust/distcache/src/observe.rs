use std::mem::size_of;

use distcache_sys as sys;

use crate::error::{checked, text};
use crate::value::ResultHandle;
use crate::{Engine, Error, Keyspace};

/// Counters of one keyspace on this node; the fields are those of the C interface.
pub type KeyspaceStats = sys::distcache_keyspace_stats_t;

/// Counters of an engine beside its keyspaces; the fields are those of the C interface.
pub type EngineStats = sys::distcache_engine_stats_t;

/// What this node thinks of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PeerState {
    /// A member.
    Alive,
    /// It did not answer; still a member.
    Suspect,
    /// Found dead; owns nothing.
    Dead,
    /// It left in good order.
    Left,
    /// A state that this version of the crate does not know.
    Other,
}

/// A member of the cluster, as this node sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peer {
    /// Its `node.name`.
    pub name: String,
    /// Where others reach it.
    pub host: String,
    /// The port of its data.
    pub data_port: u16,
    /// The port of its membership; what addresses name.
    pub discovery_port: u16,
    /// Its number, as in [`Version::owner`](crate::Version::owner).
    pub id: u64,
    /// Of its process: a node that was restarted has a higher one.
    pub incarnation: u64,
    /// Its `node.weight`.
    pub weight: u32,
    /// What this node thinks of it.
    pub state: PeerState,
    /// Whether it is this node.
    pub is_self: bool,
    /// Whether it is a client, which owns nothing.
    pub is_client: bool,
}

impl Engine {
    /// All members that this node knows, this node first, the others by name. After open the first
    /// one tells the ports that "0 = any" became.
    pub fn peers(&self) -> Result<Vec<Peer>, Error> {
        let mut peers = std::ptr::null_mut();
        // SAFETY: all pointers are good for the call.
        checked(|error| unsafe { sys::distcache_peers_get(self.raw(), &mut peers, error) })?;
        let peers = Peers(peers);
        let (mut count, mut stride) = (0, size_of::<sys::distcache_peer_t>());
        // SAFETY: the snapshot is alive until `peers` is dropped; items are reached by the stride.
        unsafe {
            let first = sys::distcache_peers_items(peers.0, &mut count, &mut stride);
            let at = |index: usize| first.cast::<u8>().add(index * stride);
            Ok((0..count).map(|index| peer(&*at(index).cast::<sys::distcache_peer_t>())).collect())
        }
    }

    /// Counters of the engine beside its keyspaces.
    pub fn stats(&self) -> Result<EngineStats, Error> {
        let mut stats =
            EngineStats { struct_size: size_of::<EngineStats>() as u32, ..EngineStats::default() };
        // SAFETY: all pointers are good for the call, and the struct tells its size.
        checked(|error| unsafe { sys::distcache_engine_stats_get(self.raw(), &mut stats, error) })?;
        Ok(stats)
    }
}

impl Keyspace {
    /// Counters of the keyspace on this node.
    pub fn stats(&self) -> Result<KeyspaceStats, Error> {
        let mut stats = KeyspaceStats {
            struct_size: size_of::<KeyspaceStats>() as u32,
            ..KeyspaceStats::default()
        };
        // SAFETY: all pointers are good for the call, and the struct tells its size.
        checked(|error| unsafe {
            sys::distcache_keyspace_stats_get(self.raw(), &mut stats, error)
        })?;
        Ok(stats)
    }

    /// Why a get of this key would go the way it goes, as a JSON object.
    pub fn explain(&self, key: impl AsRef<[u8]>) -> Result<String, Error> {
        let key = key.as_ref();
        let mut result = std::ptr::null_mut();
        // SAFETY: all pointers are good for the call.
        checked(|error| unsafe {
            sys::distcache_explain(self.raw(), key.as_ptr(), key.len(), &mut result, error)
        })?;
        // SAFETY: a call that succeeded hands its result to the caller.
        let result = unsafe { ResultHandle::take(result) };
        Ok(result.map(|result| result.text(0)).unwrap_or_default())
    }
}

struct Peers(*mut sys::distcache_peers_t);

impl Drop for Peers {
    fn drop(&mut self) {
        // SAFETY: owned by this value alone.
        unsafe { sys::distcache_peers_release(self.0) }
    }
}

fn peer(raw: &sys::distcache_peer_t) -> Peer {
    // SAFETY: the texts are borrowed from the snapshot, never null, and end with NUL.
    let (name, host) = unsafe { (text(raw.name), text(raw.host)) };
    Peer {
        name,
        host,
        data_port: raw.data_port as u16,
        discovery_port: raw.discovery_port as u16,
        id: raw.id,
        incarnation: raw.incarnation,
        weight: raw.weight,
        state: match raw.state {
            sys::DISTCACHE_PEER_ALIVE => PeerState::Alive,
            sys::DISTCACHE_PEER_SUSPECT => PeerState::Suspect,
            sys::DISTCACHE_PEER_DEAD => PeerState::Dead,
            sys::DISTCACHE_PEER_LEFT => PeerState::Left,
            _ => PeerState::Other,
        },
        is_self: raw.flags & sys::DISTCACHE_PEER_SELF != 0,
        is_client: raw.flags & sys::DISTCACHE_PEER_CLIENT != 0,
    }
}
