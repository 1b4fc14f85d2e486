//! The table of addresses that must not be reachable, and properties over whole ranges.

use super::*;
use proptest::prelude::*;

/// Every class that guards are known to miss, beside the obvious ones.
const REFUSED: &[&str] = &[
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:93.184.215.14",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::5db8:d70e",
    "64:ff9b:1::7f00:1",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:1ff:ffff::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:5db8:d70e::1",
    "2620:4f:8000::1",
    "3fff::1",
    "3fff:fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
];

const ALLOWED: &[&str] = &[
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "93.184.215.14",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2606:4700:4700::1111",
    "2a00:1450::1",
    "2620:4f:8001::1",
    "3ffe::1",
    "3fff:1000::1",
];

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn network(text: &str) -> Network {
    text.parse().unwrap()
}

#[test]
fn everything_that_leads_inside_is_refused() {
    for text in REFUSED {
        assert_eq!(AddressPolicy::default().judge(address(text)), Err(Refused), "{text}");
    }
}

#[test]
fn the_public_internet_is_allowed_up_to_its_edges() {
    for text in ALLOWED {
        assert_eq!(AddressPolicy::default().judge(address(text)), Ok(()), "{text}");
    }
}

#[test]
fn a_laptop_reaches_itself_and_its_networks_but_no_metadata() {
    let policy = AddressPolicy::laptop();
    for text in ["127.0.0.1", "127.8.8.8", "::1", "10.1.2.3", "172.20.0.1", "192.168.1.1", "fd12::1", "1.1.1.1"] {
        assert_eq!(policy.judge(address(text)), Ok(()), "{text}");
    }
    for text in ["169.254.169.254", "100.64.0.1", "0.0.0.0", "::", "::ffff:127.0.0.1", "fe80::1", "224.0.0.1", "::2"] {
        assert_eq!(policy.judge(address(text)), Err(Refused), "{text}");
    }
}

#[test]
fn one_forbidden_address_refuses_them_all() {
    let policy = AddressPolicy::default();
    let (good, bad) = (address("1.1.1.1"), address("10.0.0.1"));
    assert_eq!(policy.judge_all(&[good, good]), Ok(()));
    assert_eq!(policy.judge_all(&[good, bad]), Err(Refused));
    assert_eq!(policy.judge_all(&[bad, good]), Err(Refused));
    assert_eq!(policy.judge_all(&[]), Err(Refused));
}

#[test]
fn the_refusal_names_no_address() {
    assert_eq!(Refused.to_string(), "destination not allowed");
}

#[test]
fn networks_are_read_strictly() {
    assert_eq!(network("10.0.0.0/8").to_string(), "10.0.0.0/8");
    assert_eq!(network("::1").to_string(), "::1/128");
    assert_eq!(network("192.0.2.7").to_string(), "192.0.2.7/32");
    assert_eq!(network("0.0.0.0/0").to_string(), "0.0.0.0/0");
    for bad in ["", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0/8", "ten/8", "10.0.0.0/8/8", "10.0.0.0/-1"] {
        assert!(matches!(bad.parse::<Network>(), Err(NetworkError::Malformed(_))), "{bad:?}");
    }
    let error = "10.1.2.3/8".parse::<Network>().unwrap_err();
    assert_eq!(error.to_string(), r#""10.1.2.3/8" has bits set beyond its prefix; the network is 10.0.0.0/8"#);
}

#[test]
fn names_that_lead_inside_are_refused() {
    for name in [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "app.localhost",
        "db",
        "metadata",
        "metadata.google.internal",
        "metadata.example.com",
        "vault.internal",
        "printer.local",
        "nas.home.arpa",
        "web.default.svc",
        "web.default.svc.cluster.local",
        "host.localdomain",
        "router.lan",
        "127.0.0.1",
        "[::1]",
        "::1",
        "10.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0x7f000001",
        "1.2.3.0x4",
        "",
        ".",
        "..",
        "a..b",
        ".example.com",
        "example.com..",
        "exa mple.com",
        "exa\nmple.com",
        "user@example.com",
        "example.com/x",
        "exämple.com",
    ] {
        assert_eq!(judge_name(name), Err(Refused), "{name:?}");
    }
    let label = "a".repeat(64);
    assert_eq!(judge_name(&format!("{label}.example.com")), Err(Refused));
    assert_eq!(judge_name(&format!("{}example.com", "a.".repeat(130))), Err(Refused));
}

#[test]
fn ordinary_names_are_let_through() {
    for name in [
        "example.com",
        "EXAMPLE.com.",
        "a-b.example.org",
        "_dmarc.example.com",
        "xn--exmple-cua.com",
        "1.1.1.1",
        "[2606:4700:4700::1111]",
        "localhost.example.com",
        "notlocalhost.com",
        "internal.example.com",
        "3com.com",
        "0xcafe.example.com",
    ] {
        assert_eq!(judge_name(name), Ok(()), "{name:?}");
    }
}

#[test]
fn names_inside_are_let_through_as_far_as_networks_inside_are() {
    let laptop = AddressPolicy::laptop();
    for name in ["localhost", "app.localhost", "db", "printer.local", "127.0.0.1", "[::1]"] {
        assert_eq!(laptop.judge_name(name), Ok(()), "{name:?}");
    }
    for name in ["metadata.google.internal", "169.254.169.254", "127.1", ""] {
        assert_eq!(laptop.judge_name(name), Err(Refused), "{name:?}");
    }
    let only_private = AddressPolicy { allow: vec![network("10.0.0.0/8")] };
    assert_eq!(only_private.judge_name("localhost"), Err(Refused));
    assert_eq!(only_private.judge_name("db.internal"), Ok(()));
}

proptest! {
    /// Compared bit by bit, as a network is defined.
    #[test]
    fn a_network_contains_what_shares_its_first_bits(base in any::<u128>(), other in any::<u128>(), prefix in 0..=128_u8, v4 in any::<bool>()) {
        let prefix = if v4 { prefix % 33 } else { prefix };
        let to_address = |bits: u128| if v4 {
            IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(bits >> 96).unwrap()))
        } else {
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        };
        let network = Network { base: mask(to_address(base), prefix), prefix };
        // Half of the time an address that shares the prefix, or random ones would hardly ever be inside.
        for candidate in [other, if prefix == 0 { other } else { base & (u128::MAX << (128 - u32::from(prefix))) | other.checked_shr(prefix.into()).unwrap_or(0) }] {
            let shares = (0..prefix).all(|bit| base >> (127 - bit) & 1 == candidate >> (127 - bit) & 1);
            prop_assert_eq!(network.contains(to_address(candidate)), shares);
        }
        prop_assert_eq!(network.to_string().parse::<Network>(), Ok(network));
    }

    /// Whatever IPv4 address is hidden in an IPv6 one, no form of hiding leads anywhere.
    #[test]
    fn ipv4_hidden_in_ipv6_is_refused(v4 in any::<u32>(), rest in any::<u64>()) {
        let low = u128::from(v4);
        for bits in [
            low,
            0xffff << 32 | low,
            0xffff_0000 << 32 | low,
            0x0064_ff9b << 96 | low,
            0x0064_ff9b_0001 << 80 | low,
            0x2002 << 112 | low << 80 | u128::from(rest),
            0x2001_0000 << 96 | u128::from(rest) << 32 | low,
        ] {
            let address = IpAddr::V6(Ipv6Addr::from_bits(bits));
            prop_assert_eq!(AddressPolicy::default().judge(address), Err(Refused), "{}", address);
            let everything_v4 = AddressPolicy { allow: vec![network("0.0.0.0/0")] };
            prop_assert_eq!(everything_v4.judge(address), Err(Refused), "{}", address);
        }
    }

    #[test]
    fn what_the_standard_library_calls_special_is_refused(bits in any::<u32>()) {
        let v4 = Ipv4Addr::from_bits(bits);
        let special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_broadcast()
            || v4.is_documentation() || v4.is_multicast() || v4.is_unspecified();
        if special {
            prop_assert_eq!(AddressPolicy::default().judge(IpAddr::V4(v4)), Err(Refused));
        }
    }

    #[test]
    fn judging_a_name_never_panics(name in any::<String>()) {
        let _ = judge_name(&name);
        let _ = name.parse::<Network>();
    }
}
