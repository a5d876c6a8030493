//! What the machine is.
use std::{fs, process::Command};

/// Facts of the machine and of the build, one a line.
pub(crate) fn facts() -> Vec<String> {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let of = |name: &str| {
        let line = cpu.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let features = ["avx2", "avx512bw"].map(|feature| {
        let has = of("flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == feature));
        format!("{} {feature}", if has { "with" } else { "without" })
    });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let rustc = Command::new("rustc").arg("--version").output().map(|it| it.stdout).unwrap_or_default();
    vec![
        format!("{}, {cores} cores, {}", of("model name").unwrap_or_default(), features.join(", ")),
        format!("{} {}, kernel {}", std::env::consts::OS, std::env::consts::ARCH, kernel.trim()),
        format!("{}, fat LTO, one codegen unit, no target features", String::from_utf8_lossy(&rustc).trim()),
    ]
}
