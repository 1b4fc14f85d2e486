//! How a target treats a monitor; the driver switches it while everything runs.

use crate::arrivals::Answer;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    #[default]
    Up,
    /// 503, or a closed connection where there is no status.
    Down,
    /// Well, after the farm's slow pause.
    Slow,
    /// Accepts, reads, and never answers.
    Hang,
}

impl Behaviour {
    pub const ALL: [Self; 4] = [Self::Up, Self::Down, Self::Slow, Self::Hang];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Slow => "slow",
            Self::Hang => "hang",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|behaviour| behaviour.as_str() == text)
    }

    pub(super) fn answer(self) -> Answer {
        match self {
            Self::Up => Answer::Well,
            Self::Down => Answer::Failing,
            Self::Slow => Answer::Slow,
            Self::Hang => Answer::Never,
        }
    }
}
