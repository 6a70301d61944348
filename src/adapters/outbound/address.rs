//! Which addresses belong to the public internet. What a stranger names must lead nowhere else: not to this machine, not into the
//! network that it stands in, not to a cloud's metadata. (IANA's special-purpose registries, RFC 6890 and its successors.)

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public internet's.
pub(super) fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_global_v4(v4),
        IpAddr::V6(v6) => is_global_v6(v6),
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        // Shared by the customers of a carrier.
        || (a == 100 && (64..128).contains(&b))
        // Protocol assignments, and the relays of 6to4.
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        // Benchmarks.
        || (a == 198 && (18..20).contains(&b))
        // Reserved, and broadcast.
        || a >= 240)
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // An IPv4 address inside: mapped, translated (NAT64) or tunnelled (6to4) counts as what it leads to.
    let [.., high, low] = segments;
    let embedded = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_global_v4(v4);
    }
    match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => return is_global_v4(embedded(high, low)),
        [0x2002, high, low, ..] => return is_global_v4(embedded(high, low)),
        _ => {}
    }
    // What is not global unicast (2000::/3) is something local: loopback, unique local, link-local, multicast, discard.
    (segments[0] & 0xe000) == 0x2000
        // Teredo, benchmarks, ORCHID and other protocol assignments.
        && !(segments[0] == 0x2001 && segments[1] < 0x200)
        // Documentation.
        && !(segments[0] == 0x2001 && segments[1] == 0xdb8)
        && !(segments[0] == 0x3fff && segments[1] < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_global() {
        for address in
            ["1.1.1.1", "8.8.8.8", "160.79.104.10", "2606:4700::1111", "2a00:1450:4001::200e", "::ffff:8.8.8.8", "64:ff9b::808:808"]
        {
            assert!(is_global(address.parse().expect(address)), "{address}");
        }
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_global(address.parse().expect(address)), "{address}");
        }
    }
}
