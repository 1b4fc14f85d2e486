//! Icons: strokes on a grid of 24, drawn for this app. Always beside a word, so they are hidden from readers.

use dioxus::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Logo,
    Up,
    Down,
    Degraded,
    Pending,
    Paused,
    Flapping,
    Unknown,
    Monitors,
    Incidents,
    Metrics,
    Channels,
    Rules,
    Deliveries,
    Maintenance,
    OnCall,
    Silence,
    Plus,
    Search,
    Copy,
    Trash,
    Back,
    Sun,
    Moon,
    System,
    SignOut,
    Alert,
    Retry,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Logo => "M3 12h4l3 -8l4 16l3 -8h4",
            Self::Up => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0 -18M8 12l3 3l5 -6",
            Self::Down => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0 -18M9 9l6 6M15 9l-6 6",
            Self::Degraded | Self::Alert => "M12 3l10 18h-20zM12 10v4M12 17.5v.01",
            Self::Pending => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0 -18M12 7v5l3 2",
            Self::Paused => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0 -18M10 9v6M14 9v6",
            Self::Flapping => "M3 15l4 -6l4 6l4 -6l4 6l2 -3",
            Self::Unknown => {
                "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0 -18M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7 .3 -1 .8 -1 1.7M12 16.5v.01"
            }
            Self::Monitors => "M3 12h4l2 -5l4 10l2 -5h6",
            Self::Incidents => "M12 8v5M12 16.5v.01M5 20h14l-7 -16z",
            Self::Metrics => "M4 20v-16M4 20h16M8 16v-4M12 16v-8M16 16v-6",
            Self::Channels => "M4 12l16 -8l-5 16l-4 -6zM11 14l9 -10",
            Self::Rules => "M4 6h9M17 6h3M15 4v4M4 12h3M11 12h9M9 10v4M4 18h9M17 18h3M15 16v4",
            Self::Deliveries => "M3 13l3 -8h12l3 8v6h-18zM3 13h5l1.5 3h5l1.5 -3h5",
            Self::Maintenance => "M14.5 6.500a4 4 0 0 0 -5 5l-6 6l3 3l6 -6a4 4 0 0 0 5 -5l-2.500 2.500l-3 -3z",
            Self::OnCall => "M4 7h16v13h-16zM4 11h16M8 4v4M16 4v4M9 15l2 2l4 -4",
            Self::Silence => "M6 17v-6a6 6 0 0 1 9 -5.200M18 11v6h-14M10 20h4M4 4l16 16",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Search => "M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0 -14M16 16l5 5",
            Self::Copy => "M9 9h11v11h-11zM5 15h-1v-11h11v1",
            Self::Trash => "M4 7h16M9 7v-3h6v3M6 7l1 13h10l1 -13M10 11v5M14 11v5",
            Self::Back => "M15 5l-7 7l7 7",
            Self::Sun => {
                "M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0 -8M12 3v1M12 20v1M3 12h1M20 12h1M5.6 5.6l.7 .7M17.7 17.7l.7 .7M18.4 5.6l-.7 .7M6.3 17.7l-.7 .7"
            }
            Self::Moon => "M20 14a8 8 0 1 1 -10 -10a6.500 6.500 0 0 0 10 10",
            Self::System => "M3 5h18v11h-18zM9 20h6M12 16v4",
            Self::SignOut => "M14 4h-9v16h9M10 12h11M17 8l4 4l-4 4",
            Self::Retry => "M20 11a8 8 0 1 0 -2 6M20 5v6h-6",
        }
    }
}

/// One icon, as large as the text beside it.
#[component]
pub fn Glyph(icon: Icon) -> Element {
    rsx! {
        svg { class: "glyph", view_box: "0 0 24 24", "aria-hidden": "true", path { d: icon.path() } }
    }
}
