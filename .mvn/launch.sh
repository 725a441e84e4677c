# Sourced by samples/run and bench/run, which set: module, main_class, build_phase, sources
# and, where needed, maven_profile (with profile_class, a class file that it adds) and java_options.
# Builds what is missing or stale, then runs the main class on the JDK that the build selects.

fail() { # $1 = exit code, rest = message lines
    local code=$1
    shift
    printf '%s\n' "$@" >&2
    exit "$code"
}

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P) || exit 1
launch_dir=$root/$module/target/launch
stamp=built${maven_profile:+-$maven_profile} # a build with a profile is a build of its own

no_jdk() {
    fail 3 "$module/run: no JDK 25 or newer was found." \
        "Install one, for example Eclipse Temurin 25 (packages temurin-25-jdk, java-25-openjdk-devel," \
        "openjdk-25-jdk; or: sdk install java 25-tem), or point JAVA_HOME to an unpacked JDK 25." \
        "Maven itself may go on running on an older Java: the build looks in JAVA_HOME, in the" \
        "usual folders of the system and of SDKMAN, and in ~/.m2/toolchains.xml."
}

# The java command that the build selected (written by the build, see samples/pom.xml).
selected_java() {
    local home
    home=$(sed -n 's/^ *java\.home = //p' "$launch_dir/jdk" 2>/dev/null | head -n 1)
    [ -n "$home" ] && [ -x "$home/bin/java" ] && printf '%s/bin/java' "$home"
}

is_built() {
    local built entry entries
    for built in "$launch_dir/$stamp"*; do # a build with a profile serves runs without one, too
        break
    done
    [ -e "$built" ] && [ -s "$launch_dir/classpath" ] && selected_java >/dev/null || return 1
    # Other builds of this module, such as `mvn verify`, drop the classes of a profile.
    [ -z "${profile_class-}" ] || [ -e "$root/$module/target/classes/$profile_class" ] || return 1
    IFS=: read -r -a entries <"$launch_dir/classpath"
    for entry in "$root/$module/target/classes" "${entries[@]}"; do
        [ -e "$entry" ] || return 1
    done
    [ -z "$(cd "$root" && find pom.xml "${sources[@]}" -newer "$built" -print -quit 2>/dev/null)" ]
}

maven() { # extra options
    mvn -q -B -Dstyle.color=never "$@" -f "$root/pom.xml" -pl "$module" -am ${maven_profile:+-P"$maven_profile"} \
        -Dformat.skip=true "$build_phase" \
        >"$launch_dir/build.log" 2>&1
}

build() {
    command -v mvn >/dev/null 2>&1 ||
        fail 3 "$module/run: Maven (mvn) was not found on the PATH; install Maven 3.8 or newer."
    if [ -n "${JAVA_HOME-}" ] && [ ! -x "$JAVA_HOME/bin/java" ]; then # Maven would give up
        echo "$module/run: JAVA_HOME=$JAVA_HOME holds no bin/java and is ignored" >&2
        unset JAVA_HOME
    fi
    mkdir -p "$launch_dir" || exit 1
    if command -v flock >/dev/null 2>&1; then # two launchers at once: the second waits
        exec 9>"$launch_dir/lock"
        flock 9
        is_built && return
    fi
    echo "$module/run: building (quietly) ..." >&2
    touch "$launch_dir/started" # edits made while Maven runs count as newer
    if ! maven -o; then
        if grep -q 'offline' "$launch_dir/build.log"; then
            echo "$module/run: downloading what the build needs, once ..." >&2
            maven && build_ok=yes
        fi
        if [ -z "${build_ok-}" ]; then
            grep -qi 'toolchain' "$launch_dir/build.log" && no_jdk
            sed -e '/^\[ERROR\] -> /,$d' -e '/^    at /d' "$launch_dir/build.log" | head -n 60 >&2
            fail 2 "$module/run: the build failed (log: $launch_dir/build.log)"
        fi
    fi
    selected_java >/dev/null || no_jdk
    rm -f "$launch_dir"/built* # of another profile: its class path is gone
    mv "$launch_dir/started" "$launch_dir/$stamp"
}

is_built || build
exec 9>&-

java=$(selected_java) || no_jdk
# Huge pages for the off-heap slabs, where the system hands them out on request.
export GLIBC_TUNABLES="${GLIBC_TUNABLES:+$GLIBC_TUNABLES:}glibc.malloc.hugetlb=1"

# The JVM announces every incubator module on stderr; that one line is dropped, all else passes.
without_incubator_notice() {
    local line
    while IFS= read -r line; do
        [ "$line" = "WARNING: Using incubator modules: jdk.incubator.vector" ] && break
        printf '%s\n' "$line"
    done
    exec cat
}

# shellcheck disable=SC2086 # LANEWISE_JAVA_OPTS is a list of options
exec "$java" \
    --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
    -Djava.util.logging.SimpleFormatter.format='%4$s: %5$s%6$s%n' \
    -XX:+UseSerialGC -Xms256m -Xmx2g -Djava.awt.headless=true -Dlanewise.home="$root" \
    ${java_options-} ${LANEWISE_JAVA_OPTS-} \
    -cp "$root/$module/target/classes:$(cat "$launch_dir/classpath")" \
    "$main_class" "$@" 2> >(without_incubator_notice >&2)
