//! What the demo keeps between runs: its login, its ports, and whether its organization is there.

use std::io;
use std::path::Path;

use pulse_domain::secret::Secret;
use rand::RngExt as _;
use serde_json::{Value, json};

use super::target::Ports;
use crate::data::{hex, write_private};

/// The file in the data folder; only its owner may read it.
const FILE: &str = "demo.json";

const EMAIL: &str = "demo@pulse.example";

/// The random bytes of the password.
const PASSWORD_BYTES: usize = 9;

/// Why the file is of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeptError {
    #[error("{FILE} in the data folder: {0}")]
    Io(#[from] io::Error),
    #[error("{FILE} in the data folder is damaged; without it, the next start makes another demo")]
    Damaged,
}

/// Who may look at the demo.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) email: String,
    pub(crate) password: Secret<String>,
}

/// The content of the file.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) login: Login,
    pub(super) ports: Option<Ports>,
    pub(super) seeded: bool,
}

impl Kept {
    pub(super) fn read_or_make(data: &Path) -> Result<Self, KeptError> {
        match std::fs::read_to_string(data.join(FILE)) {
            Ok(text) => Self::parse(&text).ok_or(KeptError::Damaged),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let password = Secret::new(hex(&rand::rng().random::<[u8; PASSWORD_BYTES]>()));
                let made = Self { login: Login { email: EMAIL.to_owned(), password }, ports: None, seeded: false };
                made.write(data)?;
                Ok(made)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn write(&self, data: &Path) -> Result<(), KeptError> {
        Ok(write_private(&data.join(FILE), &format!("{:#}\n", self.to_json()))?)
    }

    fn to_json(&self) -> Value {
        json!({
            "email": self.login.email,
            "password": self.login.password.expose(),
            "ports": self.ports.map(|ports| json!({"http": ports.http, "tcp": ports.tcp, "refused": ports.refused})),
            "seeded": self.seeded,
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let string = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        let ports = value.get("ports")?;
        let port = |name: &str| ports.get(name)?.as_u64().and_then(|number| u16::try_from(number).ok());
        let ports = if ports.is_null() {
            None
        } else {
            Some(Ports { http: port("http")?, tcp: port("tcp")?, refused: port("refused")? })
        };
        let login = Login { email: string("email")?, password: Secret::new(string("password")?) };
        Some(Self { login, ports, seeded: value.get("seeded")?.as_bool()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_damage_is_said() {
        let folder = tempfile::tempdir().expect("temp folder");
        let mut made = Kept::read_or_make(folder.path()).expect("made");
        made.ports = Some(Ports { http: 1, tcp: 2, refused: 3 });
        made.seeded = true;
        made.write(folder.path()).expect("written");
        let read = Kept::read_or_make(folder.path()).expect("read");
        assert_eq!(read.to_json(), made.to_json());
        std::fs::write(folder.path().join(FILE), "{}").expect("damaged");
        assert!(matches!(Kept::read_or_make(folder.path()), Err(KeptError::Damaged)));
    }
}
