//! Partitions of a day: made ahead of the results, so that none ever waits for its table.

use crate::{Engine, StoreError};
use chrono::{Days, NaiveDate};

impl Engine {
    /// Makes those of `days` days from `first` on that don't exist yet, of every table that has such partitions.
    pub async fn ensure_partitions(&self, first: NaiveDate, days: u32) -> Result<(), StoreError> {
        for ahead in 0..u64::from(days) {
            let Some(day) = first.checked_add_days(Days::new(ahead)) else { break };
            sqlx::query!("SELECT pulse.make_day_partition(name, $1)::text AS made FROM pulse.daily_tables", day)
                .fetch_all(self.pool())
                .await?;
        }
        Ok(())
    }
}
