// Written by generate.py from the table of properties of the library.

use crate::options::choice_of;

choice_of! {
    /// The choices of `node.role`.
    NodeRole:
        Member = "member",
        Client = "client",
}

choice_of! {
    /// The choices of `log.level`.
    LogLevel:
        Debug = "debug",
        Info = "info",
        Warn = "warn",
        Error = "error",
        Off = "off",
}

choice_of! {
    /// The choices of `discovery.provider`.
    DiscoveryProvider:
        Standalone = "standalone",
        Static = "static",
        Dns = "dns",
        Nats = "nats",
        Kubernetes = "kubernetes",
        Custom = "custom",
}

choice_of! {
    /// The choices of `discovery.dns.record`.
    DiscoveryDnsRecord:
        A = "a",
        Srv = "srv",
        Txt = "txt",
}

choice_of! {
    /// The choices of `discovery.kubernetes.objects`.
    DiscoveryKubernetesObjects:
        Pods = "pods",
        Endpointslices = "endpointslices",
}

choice_of! {
    /// The choices of `ring.hash`.
    RingHash:
        Xxh3 = "xxh3",
        Custom = "custom",
}

choice_of! {
    /// The choices of `security.plaintext`.
    SecurityPlaintext:
        Loopback = "loopback",
        IAcceptPlaintext = "i-accept-plaintext",
}

choice_of! {
    /// The choices of `security.mode`.
    SecurityMode:
        None = "none",
        Curve = "curve",
}

choice_of! {
    /// The choices of `eviction.policy`.
    EvictionPolicy:
        Auto = "auto",
        S3fifo = "s3fifo",
        Lru = "lru",
        Sieve = "sieve",
        WTinylfu = "w-tinylfu",
        Custom = "custom",
}

choice_of! {
    /// The choices of `placement`.
    Placement:
        Sharded = "sharded",
        Replicated = "replicated",
}

choice_of! {
    /// The choices of `partition`.
    Partition:
        Serve = "serve",
        Bounded = "bounded",
}

choice_of! {
    /// The choices of `mirror`.
    Mirror:
        Hot = "hot",
        All = "all",
        Off = "off",
}
