#!/usr/bin/env bash
# Makes the packages, and uses them as others would: the sample is built from the library's package alone, as native code too
# where there is a C compiler, and the tool is installed; both run and what they print is checked. Everything goes to a temporary
# folder that is removed at the end, package caches included, so that no package made before is ever taken for one made now.
#   tools/try-packages.sh [--no-build]      (--no-build: takes the Release build that is there)
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
build=()
[ "${1:-}" = --no-build ] && build=(--no-build)
model=$root/testmodels/transformer_bf16.safetensors
tensor=model.embed_tokens.weight

fail() {
    echo "try-packages: $1" >&2
    exit 1
}

# expect WHAT TEXT OUTPUT
expect() {
    case $3 in *"$2"*) ;; *) fail "$1: expected '$2' in: $3" ;; esac
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
feed=$work/feed
version=0.1.0-try.$$

for project in "$root"/src/*/; do
    dotnet pack "$project" -c Release "${build[@]}" "-p:PackageVersion=$version" -o "$feed" --nologo --verbosity quiet
done
for package in ModelPack ModelPack.Tool; do
    [ -f "$feed/$package.$version.nupkg" ] || fail "there is no package $package"
done
[ -f "$feed/ModelPack.$version.snupkg" ] || fail "there is no package of symbols"
ls -l "$feed"

# The version is new each time, so that the packages can only come from the feed; what is in the machine's cache of packages is read, and
# nothing is added to it.
cache=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: //')
cat >"$work/nuget.config" <<END
<configuration>
  <packageSources>
    <add key="made-now" value="$feed" />
  </packageSources>
  <fallbackPackageFolders>
    <add key="machine" value="$cache" />
  </fallbackPackageFolders>
</configuration>
END

echo "== sample"
cp -r "$root/tools/samples" "$work/samples"
sample=$work/samples/ReadPackedModel
publish() { # publish OUT OPTION...
    dotnet publish "$sample" -c Release -o "$1" --nologo --verbosity quiet "-p:ModelPackVersion=$version" "-p:RestorePackagesPath=$work/packages" "${@:2}"
}

check() { # check PROGRAM...
    local output
    output=$("$@" "$model" "$tensor")
    echo "$output"
    expect "the sample" "$tensor: BF16 [" "$output"
    expect "the sample" "sha256: $(sha256sum "$model" | cut -d' ' -f1)" "$output"
    expect "the sample" "has the same bytes: True" "$output"
}

publish "$work/plain" -p:PublishAot=false
check dotnet "$work/plain/ReadPackedModel.dll"
if command -v clang >/dev/null || command -v gcc >/dev/null; then
    publish "$work/native" --use-current-runtime
    check "$work/native/ReadPackedModel"
fi

echo "== tool"
dotnet tool install ModelPack.Tool --version "$version" --tool-path "$work/tool" --configfile "$work/nuget.config" >/dev/null
"$work/tool/modelpack" --version
"$work/tool/modelpack" pack "$model" -o "$work/model.mpk" --quiet
"$work/tool/modelpack" unpack "$work/model.mpk" -o "$work/model.safetensors" --quiet
cmp "$model" "$work/model.safetensors" || fail "the tool restored something else"
expect "the tool" '"is_folder"' "$("$work/tool/modelpack" list "$work/model.mpk" --json)"
echo "try-packages: all well"
