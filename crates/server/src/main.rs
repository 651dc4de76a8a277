//! The countersign program: everything it does is in the library, where tests reach it.

// Requests allocate in small pieces and on few threads: a fifth of their time would go to the C library's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    countersign::command::run()
}
