//! Every number that bounds something: with its unit in its name and its reason beside it.

// Monitors (CONTRACT)
/// Below 5 s a target sees more of Pulse than of its users.
pub const INTERVAL_SECONDS_MIN: u32 = 5;
pub const INTERVAL_SECONDS_MAX: u32 = 86_400;
pub const TIMEOUT_MS_MIN: u32 = 100;
pub const TIMEOUT_MS_MAX: u32 = 60_000;
pub const ASSERTIONS_MAX: u64 = 50;
/// One assertion as JSON text.
pub const ASSERTION_BYTES_MAX: usize = 4_096;
/// What a probe reads of a body, after decompression.
pub const BODY_BYTES_MAX: usize = 1_048_576;
/// What a probe reads of a response's headers.
pub const HEADER_BYTES_MAX: usize = 65_536;
pub const REDIRECTS_MAX: usize = 5;
/// The window of outcomes that a policy may look at; they fit the bits of one `u64` beside the streaks.
pub const WINDOW_OUTCOMES_MAX: u32 = 60;
/// Pages a policy may ask for before it speaks; beyond this a confirmation takes longer than anyone waits.
pub const CONFIRMATIONS_MAX: u32 = 60;
/// A regex compiles to at most this, so that a pattern can't eat the node.
pub const REGEX_COMPILED_BYTES_MAX: usize = 1_048_576;
pub const REGEX_PATTERN_BYTES_MAX: usize = 1_024;
pub const JSON_PATH_BYTES_MAX: usize = 256;
/// Brackets and parentheses of a JSONPath inside each other; the parser tries alternatives at each.
pub const JSON_PATH_NESTING_MAX: usize = 8;
/// A JSON body's values; parsed, each may take hundreds of bytes.
pub const JSON_VALUES_MAX: usize = 100_000;
/// The ways in which one JSONPath may reach one value; each doubles the work.
pub const JSON_PATH_WAYS_MAX: usize = 16;
/// Echo requests of one check; more in a burst looks like a flood to whoever is on the way.
pub const PACKETS_MAX: u32 = 20;
/// A job may be a day late and still be forgiven, not more.
pub const GRACE_SECONDS_MAX: u32 = 86_400;
/// The name of a metric or of the host that pushes it.
pub const METRIC_NAME_CHARS_MAX: u64 = 200;
/// How long a threshold may have to hold; samples of that long are read at every check.
pub const METRIC_HELD_SECONDS_MAX: u32 = 86_400;
/// Names that are kept of a certificate; some have hundreds.
pub const CERTIFICATE_NAMES_MAX: usize = 20;
/// Records that are kept of a DNS answer.
pub const DNS_ANSWER_RECORDS_MAX: usize = 50;
/// The human line of an outcome.
pub const DETAIL_CHARS_MAX: usize = 300;

// What comes in by itself
/// What is kept of a push's message.
pub const PUSH_MESSAGE_BYTES_MAX: usize = 1_024;
/// What is read of a push's body: the message and some room around it.
pub const PUSH_BODY_BYTES_MAX: usize = 16_384;
/// Pushes that are kept of one monitor: enough to go on from, and to read after a long absence.
pub const PUSHES_KEPT: u32 = 500;
/// A run longer than a month is a run that nobody waits for.
pub const PUSH_DURATION_MS_MAX: u64 = 31 * 86_400_000;
/// A deadline that passed while nobody watched waits this long for a job that tries again.
pub const PUSH_ABSENCE_SECONDS_MAX: u32 = 300;
/// Samples of one request; a collector sends 8,192 at once unless it is told otherwise.
pub const METRIC_BATCH_SAMPLES_MAX: u64 = 10_000;
/// A request with samples, after decompression.
pub const METRIC_BODY_BYTES_MAX: usize = 4_194_304;
/// A double ends at 1.8e308, and the database refuses a sum past its end, for everybody at once: below it are 18 digits of
/// room, more than the samples of any window.
pub const METRIC_VALUE_ABS_MAX: f64 = 1e290;
/// What is nearer to zero is kept as zero: the database refuses a quotient that vanishes, too.
pub const METRIC_VALUE_ABS_MIN: f64 = 1e-290;
/// Hosts of one organization; a name made of chance would fill the table.
pub const METRIC_HOSTS_MAX: u32 = 1_000;
/// Metrics of one host; the same, for labels.
pub const METRIC_SERIES_PER_HOST_MAX: u32 = 2_000;
/// Older samples would reopen days that are summed up already.
pub const METRIC_AGE_SECONDS_MAX: i64 = 86_400;
/// Clocks may differ by this much.
pub const METRIC_AHEAD_SECONDS_MAX: i64 = 300;
/// A host that said nothing for less than this is not silent: collectors push once a minute.
pub const METRIC_SILENCE_SECONDS_MIN: u32 = 120;
/// Samples of this many days are kept one by one; rollups of five minutes and of an hour longer.
pub const METRIC_SAMPLE_DAYS: u32 = 14;
pub const METRIC_FINE_ROLLUP_DAYS: u32 = 90;
pub const METRIC_COARSE_ROLLUP_DAYS: u32 = 730;
/// The points of a chart; more than its pixels.
pub const METRIC_POINTS_MAX: u32 = 2_000;

// Names people give
pub const NAME_CHARS_MAX: u64 = 120;
pub const TAGS_MAX: usize = 20;
pub const TAG_CHARS_MAX: usize = 40;
pub const URL_CHARS_MAX: u64 = 2_048;
pub const HEADERS_MAX: usize = 30;
pub const HEADER_VALUE_CHARS_MAX: usize = 2_048;
pub const REQUEST_BODY_CHARS_MAX: u64 = 65_536;
pub const COMMENT_CHARS_MAX: u64 = 4_000;
pub const EMAIL_CHARS_MAX: u64 = 254;

// Lists and requests
pub const PAGE_ITEMS_MAX: u32 = 200;
pub const PAGE_ITEMS_DEFAULT: u32 = 50;
/// A REST body; the largest legal monitor is well below it.
pub const REQUEST_BYTES_MAX: usize = 262_144;
/// Monitors that one request makes: their rows, audit entries and events are one transaction of well under a second.
pub const BULK_MONITORS_MAX: usize = 1_000;
/// A request that makes many monitors: four kilobytes for each of them, which usual ones stay far below.
pub const BULK_BYTES_MAX: usize = 4_194_304;
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 200;
pub const IDEMPOTENCY_KEY_HOURS: i64 = 24;

// History
/// How long single outcomes are kept, in days, unless an organization says otherwise: a quarter.
pub const RESULTS_DAYS_DEFAULT: i32 = 90;
/// How long the sums of days are kept, in days, unless an organization says otherwise: two years and a little more.
pub const ROLLUP_DAYS_DEFAULT: i32 = 800;
/// Bounds of both.
pub const RETENTION_DAYS_MIN: i32 = 1;
pub const RETENTION_DAYS_MAX: i32 = 800;
/// Two years and a little more: what is kept at most.
pub const STATS_RANGE_DAYS_MAX: i64 = 800;
/// Steps of one answer; more than any chart has pixels for.
pub const STATS_POINTS_MAX: usize = 2_000;
/// Steps of an answer whose step nobody chose.
pub const STATS_POINTS_DEFAULT: usize = 200;
/// Two checks of the shortest interval.
pub const STATS_STEP_SECONDS_MIN: u32 = 10;

// People
/// NIST SP 800-63B: fifteen for a password that stands alone.
pub const PASSWORD_CHARS_MIN: u64 = 15;
/// Longer than any passphrase; bounds what Argon2 is fed.
pub const PASSWORD_CHARS_MAX: u64 = 256;
pub const SESSION_DAYS_MAX: i64 = 30;

// Delivery (CONTRACT, Standard Webhooks)
/// Seconds before each attempt after the first, jittered by ±20 %.
pub const RETRY_SECONDS: [u32; 11] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 43_200];
pub const ATTEMPTS_MAX: u32 = 12;
/// What a receiver that timed out or says it is busy gets at least.
pub const RETRY_SECONDS_BUSY_MIN: u32 = 60;
/// A receiver may ask for a later attempt, but not for one beyond a day.
pub const RETRY_AFTER_SECONDS_MAX: u32 = 86_400;
/// Between a webhook's timestamp and the receiver's clock (Standard Webhooks); older is a replay.
pub const WEBHOOK_TOLERANCE_SECONDS: i64 = 300;
/// Standard Webhooks: a signing key is neither guessable nor a document.
pub const WEBHOOK_KEY_BYTES_MIN: usize = 24;
pub const WEBHOOK_KEY_BYTES_MAX: usize = 64;
/// Connect, send and answer of one delivery; below the lease of its reservation.
pub const DELIVERY_TIMEOUT_MS: u64 = 15_000;
/// A reservation outlives a delivery and its record; after a crash the row is free again.
pub const RESERVATION_SECONDS: i64 = 60;
/// Deliveries to one channel under way at once: one that hangs holds this many of its organization's places, and no more.
pub const CHANNEL_DELIVERIES_MAX: i64 = 4;
/// What is read of a receiver's answer to judge it; providers say what matters well within it.
pub const REPLY_BYTES_MAX: usize = 16_384;
/// What is kept of a receiver's answer.
pub const RESPONSE_EXCERPT_BYTES_MAX: usize = 1_024;
/// A line of a channel's configuration: tokens of some providers are a few hundred characters long.
pub const CHANNEL_TEXT_CHARS_MAX: usize = 1_000;
/// An unanswered or forgotten try of a channel is deleted after this.
pub const CHANNEL_TRIAL_SECONDS_MAX: u32 = 300;
/// A template of a message; its fuel bounds what it does.
pub const CHANNEL_TEMPLATE_CHARS_MAX: usize = 8_000;
/// Mailboxes of one channel; more of them are a mailing list's business.
pub const CHANNEL_RECIPIENTS_MAX: usize = 20;
pub const RULE_DELAY_SECONDS_MAX: u32 = 86_400;
pub const RULE_CHANNELS_MAX: usize = 20;

// Maintenance, silences, on-call
/// Windows of one organization; each is asked about every monitor that changes.
pub const WINDOWS_MAX: usize = 200;
/// The text of a recurrence rule; the longest sensible one names the days of a year.
pub const RRULE_CHARS_MAX: usize = 256;
/// Beyond this nobody plans; it bounds how far a rule that seldom applies is followed.
pub const RRULE_INTERVAL_MAX: u16 = 366;
/// Occurrences that a rule may count; they are counted from the first one each time.
pub const RRULE_COUNT_MAX: u32 = 1_000;
/// How far ahead the next occurrence is looked for: a leap day may be eight years away.
pub const OCCURRENCE_AHEAD_DAYS: i64 = 3_000;
/// One occurrence of a recurring window; what lasts longer is no window in a week's work.
pub const WINDOW_MINUTES_MAX: u32 = 10_080;
/// A window that is there once.
pub const WINDOW_ONCE_DAYS_MAX: i64 = 92;
/// The next occurrences that an answer names.
pub const OCCURRENCES_SHOWN: usize = 5;
/// How far ahead a node knows the occurrences of its windows, in hours: longer than any absence of the database.
pub const OCCURRENCES_KNOWN_HOURS: i64 = 48;
/// A silence longer than a month is a monitor that should be paused.
pub const SILENCE_DAYS_MAX: i64 = 31;
/// Silences of one organization that have not run out.
pub const SILENCES_MAX: usize = 1_000;
pub const REASON_CHARS_MAX: u64 = 500;
pub const ON_CALL_SCHEDULES_MAX: usize = 100;
pub const ON_CALL_LAYERS_MAX: usize = 10;
pub const ON_CALL_PARTICIPANTS_MAX: usize = 50;
/// Overrides of one schedule that are kept; past ones beyond that go first.
pub const ON_CALL_OVERRIDES_MAX: usize = 200;
/// A shift longer than eight weeks is an employment.
pub const SHIFT_DAYS_MAX: u32 = 56;
/// The range of one answer about shifts: a quarter.
pub const SHIFTS_RANGE_DAYS_MAX: i64 = 93;

// Supervision
/// The first restart comes at once for a person, yet not in a busy loop.
pub const RESTART_BACKOFF_MS_MIN: u64 = 100;
pub const RESTART_BACKOFF_MS_MAX: u64 = 60_000;
/// A child that dies this often inside the window is left alone; with doubling delays that takes about four minutes.
pub const QUARANTINE_FAILURES: usize = 12;
pub const QUARANTINE_WINDOW_SECONDS: u64 = 600;
/// More deaths of all children inside the window than this, and the supervisor itself gives up.
pub const SUPERVISOR_FAILURES_MAX: usize = 100;
pub const SUPERVISOR_WINDOW_SECONDS: u64 = 60;
/// A transition that the database refuses is offered again after this long, and then ever more seldom: what refuses it goes
/// away when somebody mends it, and a minute later is soon enough then.
pub const REFUSED_RETRY_MS_MIN: u64 = 1_000;
pub const REFUSED_RETRY_MS_MAX: u64 = 60_000;
/// A monitor that offers nothing for this long after its pause is not watched here any more.
pub const REFUSED_FORGOTTEN_AFTER_MS: u64 = 60_000;

// Ownership
pub const SHARDS: u16 = 1_024;
pub const HEARTBEAT_MS: u64 = 1_000;
/// A node is dead after this long without a heartbeat, by the database's clock.
pub const NODE_DEAD_SECONDS: f64 = 6.0;
/// A node that could not beat for this long stops by itself; below `NODE_DEAD_SECONDS`, so two owners never act at once.
pub const SELF_FENCE_SECONDS: f64 = 4.0;
/// Whatever a doorbell announces is also found by a poll this often.
pub const POLL_MS: u64 = 2_000;

// Under pressure
/// Checks of one node under way at one host: far more than a healthy host ever holds at once (50,000 monitors on one
/// address, 30 s apart and answered in 50 ms, keep 84 under way), far less than what would wear it out.
pub const HOST_CHECKS_MAX: u32 = 256;
/// Checks of one node under way, however many files it may open: one address pair has 28,000 ports, and 32,768 TLS sessions
/// hold more than a gigabyte.
pub const NODE_CHECKS_MAX: u32 = 32_768;
/// Checks that may wait for a permit; each holds a task of some kilobytes.
pub const CHECKS_WAITING_MAX: usize = 65_536;
/// Files that a node keeps for the database, sockets of people and deliveries, whatever it checks.
pub const FILES_KEPT_MIN: u64 = 256;
/// What a check waits for its permit is half its interval within these bounds: a slot that starts later than that says
/// little that the next one doesn't say better.
pub const PERMIT_WAIT_MS_MIN: u64 = 2_000;
pub const PERMIT_WAIT_MS_MAX: u64 = 30_000;

// The vantage guard
/// The most recent findings about distinct sites that are weighed; the fewer, the sooner a lost network is seen.
pub const VANTAGE_WINDOW_SITES: usize = 10;
/// Of these at least this many must have been lost: two neighbours may fail by chance.
pub const VANTAGE_SITES_MIN: usize = 3;
/// And at least this share of them, in percent.
pub const VANTAGE_LOST_PERCENT: usize = 80;
/// What one organization may weigh where there are others, so that its own outage is never taken for the node's.
pub const VANTAGE_ORG_SITES_MAX: usize = 4;
/// Findings older than this say nothing about now.
pub const VANTAGE_FINDING_MS_MAX: u64 = 600_000;
/// After the canaries answered, failures are taken at their word for this long.
pub const VANTAGE_TRUSTED_MS: u64 = 30_000;
/// Canaries have this long to answer; a failure waits for them no longer than twice that.
pub const CANARY_TIMEOUT_MS: u64 = 2_500;

// What is told
/// So many outages of one organization within the window are told as one group.
pub const GROUPING_TRANSITIONS: u32 = 5;
pub const GROUPING_WINDOW_SECONDS: u32 = 60;
/// Beyond these a storm would be over before it counts as one.
pub const GROUPING_TRANSITIONS_MAX: u32 = 1_000;
pub const GROUPING_WINDOW_SECONDS_MAX: u32 = 3_600;
/// The longest that the first outage may wait for others; beyond a minute nobody would call it an alert.
pub const GROUPING_WAIT_SECONDS_MAX: u32 = 60;
/// After an outage, what breaks out in this time is planned together: the breadth of what people call "at once".
pub const GROUPING_SETTLE_MS: i64 = 2_000;
/// Members that a group's message and timeline name; the rest is a number.
pub const GROUP_MEMBERS_TOLD_MAX: usize = 50;
/// What is held back without a known end is looked at again after this; also the grace that a monitor gets to follow the
/// one it depends on.
pub const HELD_RECHECK_SECONDS: i64 = 60;
/// More often than this nobody wants to hear the same.
pub const REPEAT_SECONDS_MIN: u32 = 60;
pub const REPEAT_SECONDS_MAX: u32 = 86_400;
pub const REPEATS_MAX: u32 = 100;
/// Places in the order of rules, on both sides of where they begin.
pub const RULE_POSITION_MAX: i32 = 1_000;
/// Monitors that one monitor may depend on.
pub const PARENTS_MAX: u64 = 10;
