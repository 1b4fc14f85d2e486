//! Partitions of the results: made ahead, dropped whole.

use crate::{Engine, StoreError};
use chrono::{Days, NaiveDate};

impl Engine {
    /// Makes those of `days` days from `first` on that don't exist yet.
    pub async fn ensure_partitions(&self, first: NaiveDate, days: u32) -> Result<(), StoreError> {
        for ahead in 0..u64::from(days) {
            let Some(day) = first.checked_add_days(Days::new(ahead)) else { break };
            sqlx::query!("SELECT pulse.make_result_partition($1)::text AS made", day).fetch_one(self.pool()).await?;
        }
        Ok(())
    }

    /// Drops the days before `day`; answers how many.
    pub async fn drop_partitions_before(&self, day: NaiveDate) -> Result<u32, StoreError> {
        let dropped = sqlx::query_scalar!(r#"SELECT pulse.drop_result_partitions($1) AS "dropped!""#, day)
            .fetch_one(self.pool())
            .await?;
        Ok(dropped.unsigned_abs())
    }
}
