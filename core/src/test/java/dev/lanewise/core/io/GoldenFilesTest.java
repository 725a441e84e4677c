package dev.lanewise.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.ElementType;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.testing.NoLeaks;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;

/** Files that NumPy wrote, and safetensors files by the format's description: make_golden.py. */
@ExtendWith(NoLeaks.class)
final class GoldenFilesTest {

    static final int[] SPECIAL = {
        0x00000000,
        0x80000000,
        0x7F800000,
        0xFF800000,
        0x7FC00000,
        0x7F800001,
        0xFFABCDEF,
        0x00000001,
        0x807FFFFF,
        0x7F7FFFFF,
        0x3F800001
    };

    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    static Path golden(String name) {
        try {
            return Path.of(GoldenFilesTest.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static float[] floats(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = i * 0.5f - 3;
        }
        return values;
    }

    static int[] ints(int n) {
        int[] values = new int[n];
        for (int i = 0; i < n; i++) {
            values[i] = i - 3;
        }
        return values;
    }

    static int[] bits(Tensor tensor) {
        float[] values = tensor.toArray();
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }

    private static void assertFloats(Tensor tensor, Shape shape) {
        assertThat(tensor.type()).isEqualTo(ElementType.FLOAT32);
        assertThat(tensor.shape()).isEqualTo(shape);
        assertThat(tensor.isContiguous()).isTrue();
        assertThat(tensor.toArray()).isEqualTo(floats((int) shape.elements()));
    }

    private static void assertInts(Tensor tensor, Shape shape, int... values) {
        assertThat(tensor.type()).isEqualTo(ElementType.INT32);
        assertThat(tensor.shape()).isEqualTo(shape);
        assertThat(tensor.toIntArray()).isEqualTo(values);
    }

    /** Reads both ways, which must agree. */
    private static Tensor npy(String name) {
        Tensor copied = Npy.read(golden(name + ".npy"));
        try (Npy file = Npy.open(golden(name + ".npy"))) {
            Tensor mapped = file.read();
            assertThat(mapped.shape()).isEqualTo(copied.shape()).isEqualTo(file.shape());
            assertThat(mapped.type()).isEqualTo(copied.type());
            if (copied.type() == ElementType.FLOAT32) {
                assertThat(bits(mapped)).isEqualTo(bits(copied));
            } else {
                assertThat(mapped.toIntArray()).isEqualTo(copied.toIntArray());
            }
        }
        return copied;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "le_f4",
                "be_f4",
                "le_f8",
                "be_f8",
                "le_f2",
                "be_f2",
                "version2",
                "version3"
            })
    void npyFloats(String name) {
        assertFloats(npy(name), Shape.of(2, 5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"le_i4", "be_i4", "le_i8", "be_i8", "le_i2", "i1"})
    void npyIntegers(String name) {
        assertInts(npy(name), Shape.of(2, 5), ints(10));
    }

    @Test
    void npyUnsignedAndBool() {
        int[] unsigned = new int[10];
        int[] truths = new int[10];
        for (int i = 0; i < 10; i++) {
            unsigned[i] = i * 17 % 256;
            truths[i] = i % 3 == 0 ? 1 : 0;
        }
        assertInts(npy("u1"), Shape.of(2, 5), unsigned);
        assertInts(npy("be_u2"), Shape.of(2, 5), unsigned);
        assertInts(npy("b1"), Shape.of(2, 5), truths);
    }

    @Test
    void npyShapes() {
        assertThat(npy("scalar").shape()).isEqualTo(Shape.SCALAR);
        assertThat(npy("scalar").item()).isEqualTo(-2.5f);
        assertThat(npy("empty").shape()).isEqualTo(Shape.of(3, 0, 2));
        assertFloats(npy("vector"), Shape.of(7));
        assertFloats(npy("fortran"), Shape.of(2, 3, 4));
        assertInts(npy("fortran_be_i8"), Shape.of(3, 4), ints(12));
    }

    @Test
    void npySpecialValues() {
        assertThat(bits(npy("special"))).isEqualTo(SPECIAL);
        int[] halves = bits(npy("special_f2"));
        assertThat(halves)
                .isEqualTo(
                        new int[] {
                            0x00000000,
                            0x80000000,
                            0x7F800000,
                            0xFF800000,
                            0x7FC00000,
                            0x7F802000,
                            0xFFBDE000,
                            Float.floatToRawIntBits(0x1p-24f),
                            Float.floatToRawIntBits(-1023 * 0x1p-24f),
                            Float.floatToRawIntBits(65504f),
                            Float.floatToRawIntBits(1 + 0x1p-10f)
                        });
        assertThat(npy("special_f8").toArray())
                .containsExactly(
                        Float.POSITIVE_INFINITY,
                        Float.NEGATIVE_INFINITY,
                        Float.NaN,
                        0,
                        (float) (1 / 3.0),
                        0.1f);
    }

    @Test
    void npyRows() {
        try (Npy file = Npy.open(golden("be_f4.npy"))) {
            assertThat(file.storedType()).isEqualTo(StoredType.F32);
            assertThat(file.rows(1, 2).toArray()).containsExactly(-0.5f, 0, 0.5f, 1, 1.5f);
            assertThat(file.rows(1, 2).shape()).isEqualTo(Shape.of(1, 5));
            assertThat(file.rows(0, 2).toArray()).isEqualTo(floats(10));
            assertThat(file.rows(2, 2).shape()).isEqualTo(Shape.of(0, 5));
            for (long[] bad : new long[][] {{-1, 1}, {0, 3}, {2, 1}}) {
                assertThatThrownBy(() -> file.rows(bad[0], bad[1]))
                        .hasMessageContaining("are no rows of [2, 5]");
            }
        }
        try (Npy file = Npy.open(golden("fortran.npy"))) {
            assertThatThrownBy(() -> file.rows(0, 1)).hasMessageContaining("Fortran");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "i8_too_large, 'I64 element 1 is 2147483648, which does not fit int32'",
        "refused_object, Python objects",
        "refused_struct, structured",
        "refused_complex, <c8",
        "refused_text, <U2",
        "refused_u8, <u8"
    })
    void npyRefusals(String name, String reason) {
        assertThatThrownBy(() -> Npy.read(golden(name + ".npy")))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(name + ".npy: ")
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stored", "deflated"})
    void npz(String name) {
        Map<String, Tensor> arrays = Npz.read(golden(name + ".npz"));
        assertThat(arrays.keySet()).containsExactly("weight", "layer1/bias", "labels", "f");
        assertFloats(arrays.get("weight"), Shape.of(2, 5));
        assertFloats(arrays.get("layer1/bias"), Shape.of(3));
        assertInts(arrays.get("labels"), Shape.of(4), ints(4));
        assertFloats(arrays.get("f"), Shape.of(2, 3));
        try (Npz file = Npz.open(golden(name + ".npz"))) {
            assertThat(file.names()).isEqualTo(arrays.keySet());
            assertInts(file.read("labels"), Shape.of(4), ints(4));
            assertThatThrownBy(() -> file.read("label")).hasMessageContaining("no array \"label\"");
        }
    }

    @Test
    void safetensors() {
        Map<String, Tensor> all = SafeTensors.read(golden("types.safetensors"));
        try (SafeTensors file = SafeTensors.open(golden("types.safetensors"))) {
            assertThat(file.metadata())
                    .isEqualTo(Map.of("format", "pt", "note", "two\nlines \u00e9"));
            assertThat(file.names()).isEqualTo(all.keySet()).hasSize(15);
            for (String name : new String[] {"f64", "f32", "f16", "bf16"}) {
                assertFloats(all.get(name), Shape.of(2, 5));
                assertFloats(file.read(name), Shape.of(2, 5));
                assertThat(file.storedType(name)).hasToString(name.toUpperCase());
            }
            for (String name : new String[] {"i64", "i32", "i16", "i8"}) {
                assertInts(all.get(name), Shape.of(2, 5), ints(10));
                assertInts(file.read(name), Shape.of(2, 5), ints(10));
            }
            assertThat(all.get("u8").toIntArray()).isEqualTo(all.get("u16").toIntArray());
            assertThat(all.get("u8").intAt(1, 4)).isEqualTo(153);
            assertInts(file.read("bool"), Shape.of(2, 5), 1, 0, 0, 1, 0, 0, 1, 0, 0, 1);
            assertThat(bits(all.get("special"))).isEqualTo(SPECIAL);
            assertThat(bits(file.read("special"))).isEqualTo(SPECIAL);
            assertThat(file.shape("scalar")).isEqualTo(Shape.SCALAR);
            assertThat(file.read("scalar").item()).isEqualTo(-2.5f);
            assertThat(file.read("none").shape()).isEqualTo(Shape.of(0, 3));
            assertFloats(file.read("na\"me \u00e9\u4e16\ud83d\ude00\\\n"), Shape.of(3));
        }
        assertThat(SafeTensors.read(golden("nothing.safetensors"))).isEmpty();
    }
}
