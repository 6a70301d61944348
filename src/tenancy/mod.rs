//! Tenancy: who owns what. A tenant holds users (by membership), projects and apps; memories belong to a project.
//! [`TenantScope`] is the proof of tenancy that every store, index and cache call takes; this module and `auth` are
//! the only ones that make it. Where the rows lie is decided behind [`UserStore`], [`AppStore`], [`ProjectStore`] and [`TenantStore`].

mod model;
mod nudges;
mod operator;
mod ports;
mod scope;
mod service;

pub use model::{App, AppSort, AppStats, Bounds, Deed, Doer, Member, NewUser, Project, TenantStats};
pub use nudges::{Nudges, Watch};
pub use operator::{Account, AuditEntry, OperatorService, OperatorStore, Role};
pub use ports::{AppStore, ProjectStore, TenantStore, UserStore};
pub use scope::TenantScope;
pub use service::TenancyService;
