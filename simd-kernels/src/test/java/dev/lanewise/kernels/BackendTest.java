package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lanewise.kernels.table.BackendReport;
import dev.lanewise.kernels.vector.VectorWidth;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The choice of the backend, in JVMs of its own. */
class BackendTest {
    private static final String MODULE_FLAG = "--add-modules=jdk.incubator.vector";

    @Test
    void takesVectorsWhereTheModuleIs() throws Exception {
        String output = run(MODULE_FLAG);
        assertThat(output)
                .contains("backend=VECTOR bits=" + VectorWidth.preferredBits())
                .containsPattern("INFO: Lanewise kernels: vector, \\d+ bits, on \\w+")
                .contains("HotSpot with C2? yes")
                .contains("fast fma? yes");
    }

    @Test
    void warnsWithTheFlagWhereTheModuleIsMissing() throws Exception {
        assertThat(run())
                .contains("backend=SCALAR bits=0")
                .contains("WARNING: Lanewise runs on its scalar kernels")
                .contains(
                        "module jdk.incubator.vector is not in this JVM; start java with"
                                + " --add-modules jdk.incubator.vector")
                .contains("-Dlanewise.kernels=scalar silences this warning");
    }

    @Test
    void needsNoFlagOnTheModulePath() throws Exception {
        List<String> command = command();
        command.add("--module-path=" + location(Backend.class));
        command.add("--add-modules=dev.lanewise.kernels");
        command.add("-cp");
        command.add(location(BackendReport.class).toString());
        command.add(BackendReport.class.getName());
        assertThat(output(command)).contains("backend=VECTOR");
    }

    @Test
    void warnsWithoutAnOptimizingCompiler() throws Exception {
        assertThat(run(MODULE_FLAG, "-Xint"))
                .contains("backend=SCALAR")
                .contains("use HotSpot with its C2 compiler");
    }

    @Test
    void warnsWithoutFusedMultiplyAdd() throws Exception {
        assumeThat(System.getProperty("os.arch")).isEqualTo("amd64");
        assertThat(run(MODULE_FLAG, "-XX:-UseFMA"))
                .contains("backend=SCALAR")
                .contains("fused multiply-add is not in hardware");
    }

    @Test
    void scalarOnRequestDoesNotWarn() throws Exception {
        assertThat(run("-Dlanewise.kernels=scalar"))
                .contains("backend=SCALAR bits=0")
                .contains("forced by -Dlanewise.kernels=scalar")
                .doesNotContain("WARNING");
    }

    @Test
    void forcedVectorsFailWithoutTheModule() throws Exception {
        assertThat(run("-Dlanewise.kernels=vector"))
                .contains("failed: Lanewise kernels: -Dlanewise.kernels=vector can't be honoured")
                .contains("start java with --add-modules jdk.incubator.vector");
        assertThat(run("-Dlanewise.vectorBits=256"))
                .contains("failed: Lanewise kernels: -Dlanewise.vectorBits=256 can't be honoured");
    }

    @Test
    void unknownValuesFail() throws Exception {
        assertThat(run(MODULE_FLAG, "-Dlanewise.kernels=fast"))
                .contains("failed: ")
                .contains("-Dlanewise.kernels=fast is not one of auto, vector, scalar");
        assertThat(run(MODULE_FLAG, "-Dlanewise.vectorBits=64"))
                .contains("failed: ")
                .contains("-Dlanewise.vectorBits=64 is not one of 128, 256, 512");
        assertThat(run("-Dlanewise.kernels=scalar", "-Dlanewise.vectorBits=128"))
                .contains("failed: ")
                .contains("contradicts -Dlanewise.kernels=scalar");
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void forcesTheWidthOrFails(int bits) throws Exception {
        String output = run(MODULE_FLAG, "-Dlanewise.vectorBits=" + bits);
        if (bits <= VectorWidth.largestBits()) {
            assertThat(output).contains("backend=VECTOR bits=" + bits);
        } else {
            assertThat(output).contains("failed: ").contains("vectors have at most");
        }
    }

    @Test
    void tooWideVectorsFail() throws Exception {
        assumeThat(System.getProperty("os.arch")).isEqualTo("amd64");
        assertThat(run(MODULE_FLAG, "-XX:UseAVX=2", "-Dlanewise.vectorBits=512"))
                .contains("failed: ")
                .contains("vectors have at most 256 bits in this JVM");
    }

    private static String run(String... flags) throws Exception {
        List<String> command = command();
        command.addAll(List.of(flags));
        command.add("-cp");
        command.add(
                location(Backend.class)
                        + System.getProperty("path.separator")
                        + location(BackendReport.class));
        command.add(BackendReport.class.getName());
        return output(command);
    }

    private static List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Duser.language=en");
        return command;
    }

    private static Path location(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ended", command).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
