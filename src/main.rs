//! `jmem`: parse the command line, load the configuration, run one command.

use clap::Parser;
use jonathans_memory::cli::Cli;

// Many small allocations on many threads: half the memory and a third more calls than with the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
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
            eprintln!("jmem: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
