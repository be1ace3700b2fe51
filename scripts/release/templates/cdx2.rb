class Cdx2 < Formula
  desc "Local proxy that sends each Codex request with one of your keys"
  homepage "@RELEASES_URL@"
  version "@VERSION@"
  license "MIT"

  on_macos do
    if Hardware::CPU.arm?
      url "@RELEASES_URL@/download/v@VERSION@/cdx2-aarch64-apple-darwin.gz" # @IF aarch64-apple-darwin@
      sha256 "@SHA256 aarch64-apple-darwin@" # @IF aarch64-apple-darwin@
    else
      url "@RELEASES_URL@/download/v@VERSION@/cdx2-x86_64-apple-darwin.gz" # @IF x86_64-apple-darwin@
      sha256 "@SHA256 x86_64-apple-darwin@" # @IF x86_64-apple-darwin@
    end
  end

  on_linux do
    if Hardware::CPU.arm?
      url "@RELEASES_URL@/download/v@VERSION@/cdx2-aarch64-unknown-linux-gnu.gz" # @IF aarch64-unknown-linux-gnu@
      sha256 "@SHA256 aarch64-unknown-linux-gnu@" # @IF aarch64-unknown-linux-gnu@
    else
      url "@RELEASES_URL@/download/v@VERSION@/cdx2-x86_64-unknown-linux-gnu.gz" # @IF x86_64-unknown-linux-gnu@
      sha256 "@SHA256 x86_64-unknown-linux-gnu@" # @IF x86_64-unknown-linux-gnu@
    end
  end

  def install
    bin.install Dir["cdx2-*"].first => "cdx2"
    generate_completions_from_executable(bin/"cdx2", "completions")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/cdx2 --version")
  end
end
