//! The file of plans and prices.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result, ensure};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Meter;

/// Plans and prices as they stand in `config/plans.toml`, checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// Grows with each change.
    pub version: u32,
    /// ISO 4217, lower case. All amounts are in millionths of it.
    pub currency: String,
    pub plans: Vec<Plan>,
    /// What is used beyond what a plan includes costs so much.
    #[serde(default)]
    pub prices: Vec<Price>,
}

/// One plan.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Its name in storage and at the edges.
    pub id: String,
    /// Its name for people.
    pub title: String,
    #[serde(default)]
    pub features: Vec<Feature>,
    #[serde(default)]
    pub limits: PlanLimits,
    /// In millionths of the currency; 0 costs nothing.
    #[serde(default)]
    pub price_per_month: i64,
    /// Days before the first payment.
    #[serde(default)]
    pub trial_days: u32,
    /// How much of what has a price is in the plan, by meter, in a month.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    pub included: BTreeMap<Meter, i64>,
    /// The price at Stripe, for a plan that is paid there.
    #[serde(default, skip_serializing)]
    pub stripe_price: Option<String>,
}

/// What a plan may switch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Facts drawn from what is said by a chat model.
    Inference,
    /// Files of memories taken in.
    Import,
}

impl Feature {
    /// What it is, for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Inference => "drawing facts from messages with a chat model",
            Self::Import => "importing files",
        }
    }
}

/// How much of everything; what is absent has no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PlanLimits {
    /// Memories that are not deleted.
    pub memories: Option<i64>,
    /// Bytes of their texts.
    pub bytes: Option<i64>,
    /// Memories stored in a calendar month (UTC).
    pub adds_per_month: Option<i64>,
    /// Searches and contexts in a calendar month.
    pub searches_per_month: Option<i64>,
    /// Tokens of a chat model in a calendar month.
    pub llm_tokens_per_month: Option<i64>,
    /// What usage beyond the plan may cost in a calendar month, in millionths of the currency. Then what costs stops.
    pub spend_per_month: Option<i64>,
    /// Requests in a minute, weighed by what they cost.
    pub requests_per_minute: Option<u32>,
    pub projects: Option<i64>,
}

impl PlanLimits {
    /// These limits with those that `overrides` (an object as these limits are written) names; null lifts one.
    ///
    /// # Errors
    /// What does not fit, for whoever wrote it.
    pub fn overridden(self, overrides: &serde_json::Map<String, serde_json::Value>) -> Result<Self, serde_json::Error> {
        let mut all = serde_json::to_value(self)?;
        if let Some(fields) = all.as_object_mut() {
            fields.extend(overrides.clone());
        }
        serde_json::from_value(all)
    }
}

/// What units of a meter cost from a day on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    pub meter: Meter,
    /// The first day in UTC.
    pub from: NaiveDate,
    /// Millionths of the currency…
    pub micros: i64,
    /// …for so many units.
    pub per: i64,
}

impl Catalog {
    /// The plans that the program comes with, or those of a file.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let Some(path) = file else { return Self::parse(include_str!("../../config/plans.toml")) };
        let text = std::fs::read_to_string(path).with_context(|| format!("plans.file: {} cannot be read", path.display()))?;
        Self::parse(&text).with_context(|| format!("plans.file: {}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let mut catalog: Self = toml::from_str(text)?;
        catalog.prices.sort_by_key(|price| (price.meter, price.from));
        catalog.check()?;
        Ok(catalog)
    }

    fn check(&self) -> Result<()> {
        ensure!(!self.plans.is_empty(), "there is no plan");
        ensure!(
            self.currency.len() == 3 && self.currency.bytes().all(|b| b.is_ascii_lowercase()),
            "currency must be ISO 4217 in lower case"
        );
        for (at, plan) in self.plans.iter().enumerate() {
            let id = &plan.id;
            ensure!(
                !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b)),
                "the id of a plan has small letters, digits, - and _, not '{id}'"
            );
            ensure!(self.plans[..at].iter().all(|other| other.id != *id), "there are two plans '{id}'");
            ensure!(plan.price_per_month >= 0, "plan '{id}': price_per_month must not be negative");
            let PlanLimits { memories, bytes, adds_per_month, searches_per_month, llm_tokens_per_month, spend_per_month, projects, .. } =
                plan.limits;
            let limits = [memories, bytes, adds_per_month, searches_per_month, llm_tokens_per_month, spend_per_month, projects];
            ensure!(
                limits.into_iter().flatten().chain(plan.included.values().copied()).all(|n| n >= 0),
                "plan '{id}': a limit is negative"
            );
        }
        for price in &self.prices {
            ensure!(price.per > 0 && price.micros >= 0, "a price of {} is not one", price.meter.as_str());
        }
        Ok(())
    }

    /// The plan of this id.
    #[must_use]
    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == id)
    }

    /// What a unit of the meter costs on a day: millionths for so many; `None` where it costs nothing.
    #[must_use]
    pub fn price(&self, meter: Meter, day: NaiveDate) -> Option<&Price> {
        self.prices.iter().rfind(|price| price.meter == meter && price.from <= day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_comes_along_is_sound() {
        let catalog = Catalog::load(None).expect("plans");
        assert!(catalog.plan("unlimited").is_some_and(|plan| plan.limits == PlanLimits::default()));
        assert!(catalog.plans.iter().all(|plan| plan.price_per_month > 0 || plan.trial_days == 0));
        assert!(catalog.prices.is_empty(), "whoever runs it for themselves owes nobody anything");
    }

    #[test]
    fn files_that_make_no_sense_are_refused() {
        let head = "version = 1\ncurrency = \"usd\"\n";
        for (text, why) in [
            (String::new(), "missing field"),
            (format!("{head}plans = []"), "no plan"),
            (format!("{head}[[plans]]\nid = \"A b\"\ntitle = \"x\""), "small letters"),
            (format!("{head}[[plans]]\nid = \"a\"\ntitle = \"x\"\n[[plans]]\nid = \"a\"\ntitle = \"y\""), "two plans"),
            (format!("{head}[[plans]]\nid = \"a\"\ntitle = \"x\"\nlimits = {{ memory = 3 }}"), "unknown field"),
            (format!("{head}[[plans]]\nid = \"a\"\ntitle = \"x\"\nlimits = {{ memories = -3 }}"), "negative"),
            (
                format!(
                    "{head}[[plans]]\nid = \"a\"\ntitle = \"x\"\n[[prices]]\nmeter = \"adds\"\nfrom = \"2026-01-01\"\nmicros = 1\nper = 0"
                ),
                "price",
            ),
        ] {
            let error = format!("{:#}", Catalog::parse(&text).expect_err("refused"));
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_price_is_that_of_its_day() {
        let mut catalog = Catalog::load(None).expect("plans");
        let day = |text: &str| text.parse().expect("a day");
        let price = |from: &str, micros| Price { meter: Meter::Adds, from: day(from), micros, per: 1 };
        catalog.prices = vec![price("2026-01-01", 10), price("2026-03-01", 20)];
        let on = |at: &str| catalog.price(Meter::Adds, day(at)).map(|price| price.micros);
        assert_eq!([on("2025-12-31"), on("2026-01-01"), on("2026-02-28"), on("2026-03-01")], [None, Some(10), Some(10), Some(20)]);
    }

    #[test]
    fn an_override_changes_what_it_names() {
        let limits = PlanLimits { memories: Some(5), projects: Some(2), ..PlanLimits::default() };
        let of = |value: serde_json::Value| limits.overridden(value.as_object().expect("an object"));
        let changed = of(serde_json::json!({ "memories": 9, "projects": null })).expect("fits");
        assert_eq!(changed, PlanLimits { memories: Some(9), ..PlanLimits::default() });
        of(serde_json::json!({ "memory": 9 })).expect_err("no such limit");
    }
}
