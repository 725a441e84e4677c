package dev.lanewise.core.io;

import static dev.lanewise.core.io.GoldenFilesTest.bits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ElementType;
import dev.lanewise.core.Scope;
import dev.lanewise.core.ScopeException;
import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.testing.NoLeaks;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

@ExtendWith(NoLeaks.class)
final class RoundTripTest {

    @TempDir Path folder;
    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /** Random bits: every kind of NaN, subnormals, both zeros. */
    private Tensor randomBits(Shape shape, ElementType type, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] bits = random.ints(shape.elements()).toArray();
        if (bits.length > 3) {
            bits[0] = 0x7F800001;
            bits[1] = 0xFFFFFFFF;
            bits[2] = 0x80000000;
        }
        return scope.empty(shape, type).copyFrom(java.lang.foreign.MemorySegment.ofArray(bits));
    }

    private Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        long seed = 0;
        for (Shape shape :
                List.of(
                        Shape.SCALAR,
                        Shape.of(1),
                        Shape.of(0),
                        Shape.of(7),
                        Shape.of(3, 0, 2),
                        Shape.of(2, 3, 5, 7),
                        // More than one chunk of any reader and writer, and no multiple of one.
                        Shape.of(3, 77_777))) {
            for (ElementType type : ElementType.values()) {
                tensors.put("t." + shape + "/" + type, randomBits(shape, type, seed++));
            }
        }
        tensors.put("view", randomBits(Shape.of(40, 50), ElementType.FLOAT32, 99).transpose());
        tensors.put(
                "part",
                randomBits(Shape.of(40, 50), ElementType.INT32, 98).slice(0, 3, 30).select(1, 7));
        tensors.put("repeated", scope.of(1, 2, 3).expand(Shape.of(4, 3)));
        tensors.put("h\u00e9llo \u4e16\ud83d\ude00", scope.of(1));
        return tensors;
    }

    private static void assertSame(Map<String, Tensor> read, Map<String, Tensor> written) {
        assertThat(new ArrayList<>(read.keySet())).isEqualTo(new ArrayList<>(written.keySet()));
        read.forEach((name, tensor) -> assertSame(tensor, written.get(name)));
    }

    private static void assertSame(Tensor read, Tensor written) {
        assertThat(read.shape()).isEqualTo(written.shape());
        assertThat(read.type()).isEqualTo(written.type());
        assertThat(read.isContiguous()).isTrue();
        int[] a = new int[(int) read.elements()];
        int[] b = new int[(int) read.elements()];
        read.copyTo(java.lang.foreign.MemorySegment.ofArray(a));
        written.copyTo(java.lang.foreign.MemorySegment.ofArray(b));
        assertThat(a).isEqualTo(b);
    }

    @Test
    void safetensors() {
        Path path = folder.resolve("model.safetensors");
        Map<String, Tensor> tensors = tensors();
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", "pt");
        metadata.put("quote\"\\", "line\n\u0001\t\ud83d\ude00");
        SafeTensors.write(path, tensors, metadata);
        Map<String, Tensor> read = SafeTensors.read(path);
        // Empty tensors begin where the next one does and may change places with it.
        assertThat(read.keySet()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
        read.forEach((name, tensor) -> assertSame(tensor, tensors.get(name)));
        try (SafeTensors file = SafeTensors.open(path)) {
            assertThat(file.metadata()).isEqualTo(metadata);
            for (String name : file.names()) {
                assertSame(file.read(name), tensors.get(name));
                Tensor out = scope.empty(file.shape(name), tensors.get(name).type());
                file.readInto(name, out);
                assertSame(out, tensors.get(name));
            }
        }
    }

    @Test
    void safetensorsInsideOtherLayouts() {
        Path path = folder.resolve("model.safetensors");
        Tensor matrix = randomBits(Shape.of(4, 6), ElementType.FLOAT32, 5);
        SafeTensors.write(path, Map.of("m", matrix));
        try (SafeTensors file = SafeTensors.open(path)) {
            Tensor around = scope.zeros(Shape.of(6, 6));
            Tensor view = around.slice(0, 1, 5).slice(1, 0, 6);
            file.readInto("m", view);
            assertThat(bits(view)).isEqualTo(bits(matrix));
            assertThat(around.select(0, 0).toArray()).containsOnly(0);
            assertThat(around.select(0, 5).toArray()).containsOnly(0);
            Tensor transposed = scope.zeros(Shape.of(6, 4));
            file.readInto("m", transposed.transpose());
            assertThat(bits(transposed)).isEqualTo(bits(matrix.transpose()));
            assertThatThrownBy(() -> file.readInto("m", transposed))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("[4, 6]")
                    .hasMessageContaining("[6, 4]");
            Tensor ints = scope.empty(Shape.of(4, 6), ElementType.INT32);
            assertThatThrownBy(() -> file.readInto("m", ints))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("int32");
            assertThatThrownBy(() -> file.read("x"))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("no tensor \"x\"");
        }
    }

    @Test
    void safetensorsNamesAreChecked() {
        Path path = folder.resolve("model.safetensors");
        assertThatThrownBy(() -> SafeTensors.write(path, Map.of("__metadata__", scope.of(1))))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> SafeTensors.write(path, Map.of("\ud800", scope.of(1))))
                .isInstanceOf(ArgumentException.class);
        assertThat(path).doesNotExist();
    }

    @Test
    void aClosedFileSaysSo() {
        Path path = folder.resolve("a");
        SafeTensors.write(path, Map.of("x", scope.of(1)));
        SafeTensors file = SafeTensors.open(path);
        file.close();
        file.close();
        assertThatThrownBy(() -> file.read("x")).isInstanceOf(ScopeException.class);
        Npy.write(path, scope.of(1));
        Npy npy = Npy.open(path);
        npy.close();
        assertThatThrownBy(npy::read).isInstanceOf(ScopeException.class);
        Npz.write(path, Map.of("x", scope.of(1)), false);
        Npz npz = Npz.open(path);
        npz.close();
        assertThatThrownBy(() -> npz.read("x")).isInstanceOf(ScopeException.class);
    }

    @Test
    void npy() throws IOException {
        Path path = folder.resolve("array.npy");
        for (Tensor tensor : tensors().values()) {
            Npy.write(path, tensor);
            assertSame(Npy.read(path), tensor);
            try (Npy file = Npy.open(path)) {
                assertSame(file.read(), tensor);
            }
            long dataBytes = tensor.elements() * 4;
            assertThat((Files.size(path) - dataBytes) % 64).isZero();
        }
    }

    /** What NumPy wrote, Lanewise writes to the byte. */
    @Test
    void npyAsNumPyWritesIt() throws IOException {
        for (String name : new String[] {"le_f4", "le_i4", "vector", "scalar", "empty"}) {
            Path path = folder.resolve(name);
            Path golden = GoldenFilesTest.golden(name + ".npy");
            Npy.write(path, Npy.read(golden));
            assertThat(Files.readAllBytes(path)).isEqualTo(Files.readAllBytes(golden));
        }
    }

    @Test
    void npz() throws IOException {
        Map<String, Tensor> tensors = tensors();
        for (boolean deflated : new boolean[] {false, true}) {
            Path path = folder.resolve("arrays" + deflated + ".npz");
            Npz.write(path, tensors, deflated);
            assertSame(Npz.read(path), tensors);
            byte[] first = Files.readAllBytes(path);
            Npz.write(path, tensors, deflated);
            assertThat(Files.readAllBytes(path)).isEqualTo(first);
        }
        for (String name :
                new String[] {
                    "", "../x", "/x", "a/../x", "a//b", "C:x", "a\\b", "a\nb", "\ud800"
                }) {
            assertThatThrownBy(
                            () -> Npz.write(folder.resolve("n"), Map.of(name, scope.of(1)), false))
                    .isInstanceOf(ArgumentException.class);
        }
    }

    @Test
    void missingFilesAndFolders() {
        Path missing = folder.resolve("missing");
        for (Path path : List.of(missing, folder)) {
            assertThatThrownBy(() -> SafeTensors.read(path))
                    .isInstanceOf(UncheckedIOException.class);
            assertThatThrownBy(() -> SafeTensors.open(path))
                    .isInstanceOf(UncheckedIOException.class);
            assertThatThrownBy(() -> Npy.read(path)).isInstanceOf(UncheckedIOException.class);
            assertThatThrownBy(() -> Npz.read(path)).isInstanceOf(UncheckedIOException.class);
        }
        assertThatThrownBy(() -> Npy.write(folder, scope.of(1)))
                .isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(() -> Npy.write(missing.resolve("x"), scope.of(1)))
                .isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        Path path = folder.resolve("model");
        Files.writeString(path, "old");
        assertThatThrownBy(
                        () ->
                                AtomicFile.write(
                                        path,
                                        out -> {
                                            out.write(new byte[100_000]);
                                            throw new IOException("disk full");
                                        }))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("disk full");
        Tensor closed;
        try (Scope inner = Scope.open()) {
            closed = inner.of(1, 2, 3);
        }
        assertThatThrownBy(() -> Npy.write(path, closed)).isInstanceOf(ScopeException.class);
        assertThatThrownBy(() -> SafeTensors.write(path, Map.of("x", closed)))
                .isInstanceOf(ScopeException.class);
        assertThat(path).hasContent("old");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(path);
        }
    }

    @Test
    void aReaderKeepsTheFileThatItHasMapped() {
        Path path = folder.resolve("model");
        SafeTensors.write(path, Map.of("x", scope.of(1, 2)));
        try (SafeTensors old = SafeTensors.open(path)) {
            SafeTensors.write(path, Map.of("x", scope.of(3, 4)));
            assertThat(old.read("x").toArray()).containsExactly(1, 2);
            assertThat(SafeTensors.read(path).get("x").toArray()).containsExactly(3, 4);
        }
    }

    @Test
    void aSymbolicLinkStaysOne() throws IOException {
        Path target = folder.resolve("target");
        Path link = folder.resolve("link");
        Files.writeString(target, "old");
        Files.createSymbolicLink(link, target);
        Npy.write(link, scope.of(1));
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(Npy.read(target).item()).isEqualTo(1);
    }

    /** A file that shrinks after it was mapped: an exception, not a crash. */
    @Test
    void aMappedFileThatIsCutShort() throws IOException {
        Path path = folder.resolve("model");
        Tensor large = scope.zeros(Shape.of(1 << 20));
        SafeTensors.write(path, Map.of("x", large));
        try (SafeTensors file = SafeTensors.open(path)) {
            try (var channel =
                    java.nio.channels.FileChannel.open(
                            path, java.nio.file.StandardOpenOption.WRITE)) {
                channel.truncate(4096);
            }
            assertThatThrownBy(() -> file.read("x"))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("cut short");
        }
    }
}
