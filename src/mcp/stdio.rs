//! The same tools over stdin and stdout, for one local user.

use rmcp::{serve_server, transport::stdio};

use super::MemoryServer;
use crate::auth::Principal;

/// Serves until the client closes stdin. Every call is made as `principal`; logs must go to stderr.
///
/// # Errors
/// When the handshake or the transport fails.
pub async fn serve_stdio(server: MemoryServer, principal: Principal) -> anyhow::Result<()> {
    let running = serve_server(server.speaking_for(principal), stdio()).await?;
    running.waiting().await?;
    Ok(())
}
