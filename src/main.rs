//! `jmem`: parse the command line, load the configuration, run one command.

use clap::Parser;
use jonathans_memory::cli::{self, Cli};

// Many small allocations on many threads: half the memory and a third more calls than with the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    // Two providers are linked (Qdrant's client brings one), and the TLS library picks none by itself. It fails only where
    // one is installed already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("jmem: the runtime cannot be started: {error}");
            return std::process::ExitCode::FAILURE;
        }
    };
    match runtime.block_on(cli.run()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("jmem: {}", cli::told(&error));
            std::process::ExitCode::from(cli::exit_code(&error))
        }
    }
}
