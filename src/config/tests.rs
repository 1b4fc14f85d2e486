use std::ffi::OsString;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::key::edit_distance;
use super::{Config, ConfigError, Key};

fn parse(environment: &[(&str, &str)], file: Option<&str>) -> Result<Config, ConfigError> {
    Config::parse(environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))), file)
}

fn message(environment: &[(&str, &str)]) -> String {
    parse(environment, None).expect_err("must be refused").to_string()
}

#[test]
fn nothing_set_gives_the_laptop_defaults() {
    let config = parse(&[("HOME", "/home/someone"), ("PATH", "/usr/bin:relative:/bin")], None).expect("defaults");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.data, Path::new(".pulse"));
    assert!(config.allow_targets.is_none() && config.sealing_keys.is_none() && config.database_url.is_none());
    assert_eq!(config.search_path, [Path::new("/usr/bin"), Path::new("/bin")]);
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = "listen = \"127.0.0.1:1\"\ndata = \"/srv/pulse\"\nresolvers = [\"192.0.2.1:53\", \"192.0.2.2:53\"]\n";
    let config = parse(&[("PULSE_LISTEN", "127.0.0.1:2")], Some(file)).expect("both are valid");
    assert_eq!(config.listen.port(), 2);
    assert_eq!(config.data, Path::new("/srv/pulse"));
    assert_eq!(config.resolvers.len(), 2);
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let config = parse(&[("PULSE_DATABASE_URL", " ")], None).expect("empty is absent");
    assert!(config.database_url.is_none());
}

#[test]
fn an_unknown_name_stops_the_start_with_the_nearest_known_one() {
    let text = message(&[("PULSE_DATABSE_URL", "postgres://db.example.com/pulse")]);
    assert!(text.contains("PULSE_DATABSE_URL") && text.contains("PULSE_DATABASE_URL"), "{text}");
    let text = parse(&[], Some("listne = \"127.0.0.1:1\"")).expect_err("unknown").to_string();
    assert!(text.contains("listne") && text.ends_with("listen"), "{text}");
    parse(&[], Some("LISTEN = \"127.0.0.1:1\"")).expect_err("the file's names are in lower case");
}

#[test]
fn the_names_of_the_test_tools_are_not_settings() {
    parse(&[("PULSE_TEST_DATABASE_URL", "x"), ("PULSE_E2E_BINARY", "y")], None).expect("passed over");
}

#[test]
fn every_bad_value_is_one_line_with_its_variable_and_an_example() {
    for (name, value) in [
        ("PULSE_LISTEN", "8080"),
        ("PULSE_PUBLIC_URL", "pulse.example.com"),
        ("PULSE_PUBLIC_URL", "ftp://pulse.example.com"),
        ("PULSE_PUBLIC_URL", "https://pulse.example.com/app"),
        ("PULSE_DATABASE_URL", "mysql://db.example.com/pulse"),
        ("PULSE_REDIS_URL", "redis"),
        ("PULSE_ALLOW_TARGETS", "10.0.0.0/8,nonsense"),
        ("PULSE_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("PULSE_RESOLVERS", "192.0.2.53"),
        ("PULSE_CANARIES", "canary.example.com"),
        ("PULSE_SEALING_KEYS", "k1"),
        ("PULSE_SEALING_KEYS", "k1:!!!"),
        ("PULSE_SEALING_KEYS", "k1:c2hvcnQ="),
        ("PULSE_SEALING_KEYS", ","),
        ("PULSE_SMTP_URL", "mail"),
        ("PULSE_LOG", "info,=,="),
        ("PULSE_OTLP_ENDPOINT", "collector:4317"),
        ("PULSE_AGENT_URL", "pulse.example.com"),
        ("PULSE_AGENT_HOST", "a\tb"),
        ("PULSE_AGENT_INTERVAL_SECONDS", "0"),
        ("PULSE_AGENT_INTERVAL_SECONDS", "10s"),
    ] {
        let text = message(&[(name, value)]);
        assert!(text.starts_with(name), "{text}");
        assert!(text.contains(&format!("for example {name}=")), "{text}");
        assert!(!text.contains('\n'), "{text}");
    }
}

#[test]
fn a_refused_secret_is_not_repeated() {
    let text = message(&[("PULSE_SEALING_KEYS", "k1:c2VjcmV0LXNlY3JldA==")]);
    assert!(!text.contains("c2VjcmV0"), "{text}");
    let text = message(&[("PULSE_DATABASE_URL", "mysql://pulse:hunter2@db.example.com/pulse")]);
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn sealing_keys_keep_their_order_and_their_ids_are_unique() {
    let (new, old) = (STANDARD.encode([7_u8; 32]), STANDARD.encode([8_u8; 32]));
    let config = parse(&[("PULSE_SEALING_KEYS", &format!("k2:{new}, k1:{old}"))], None).expect("two keys");
    let keys = config.sealing_keys.expect("said");
    assert_eq!(keys, [("k2".to_owned(), [7; 32]), ("k1".to_owned(), [8; 32])]);
    message(&[("PULSE_SEALING_KEYS", &format!("k1:{new},k1:{old}"))]);
}

#[test]
fn canaries_may_be_named_or_switched_off() {
    let canaries = |value: &str| parse(&[("PULSE_CANARIES", value)], None).expect("legal").canaries;
    assert_eq!(canaries("192.0.2.53:53, [2001:db8::53]:53").map(|all| all.len()), Some(2));
    assert_eq!(canaries("none"), Some(Vec::new()));
    assert_eq!(canaries(""), None, "the well-known ones");
}

#[test]
fn the_agent_needs_a_server_and_a_key_and_has_a_name() {
    let config = parse(&[("PULSE_AGENT_URL", "https://pulse.example.com"), ("PULSE_DATA", "/srv/pulse")], None).expect("valid");
    let text = config.agent(None, None, Some("web-1".to_owned())).expect_err("no key").to_string();
    assert!(text.starts_with("PULSE_AGENT_KEY is needed by `pulse agent`"), "{text}");
    let config = parse(&[("PULSE_AGENT_KEY", "k"), ("PULSE_DATA", "/srv/pulse")], None).expect("valid");
    let agent = config.agent(Some("http://127.0.0.1:8080"), Some(1), Some("web-1".to_owned())).expect("complete");
    assert_eq!((agent.host.as_str(), agent.interval.as_secs()), ("web-1", 1));
    assert_eq!((agent.url.as_str(), agent.buffer.as_path()), ("http://127.0.0.1:8080/", Path::new("/srv/pulse/agent")));
    config.agent(Some("http://127.0.0.1:8080"), Some(0), None).expect_err("no rhythm");
}

#[test]
fn every_example_is_itself_a_valid_value() {
    for key in Key::ALL.into_iter().filter(|key| *key != Key::SealingKeys) {
        parse(&[(key.variable(), key.example())], None).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn the_file_refuses_what_is_no_string() {
    let text = parse(&[], Some("listen = 8080")).expect_err("a number").to_string();
    assert!(text.starts_with("PULSE_LISTEN must be a string"), "{text}");
    let text = parse(&[], Some("listen = ")).expect_err("no TOML").to_string();
    assert!(!text.contains('\n') && text.contains("TOML"), "{text}");
}

#[test]
fn the_edit_distance_counts_single_edits() {
    for (from, to, edits) in [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
    {
        assert_eq!(edit_distance(from, to), edits, "{from} → {to}");
        assert_eq!(edit_distance(to, from), edits, "{to} → {from}");
    }
}
