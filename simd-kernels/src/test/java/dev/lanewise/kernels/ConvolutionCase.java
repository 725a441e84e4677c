package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.table.KernelArray;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelMemory.Placement;

import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** One geometry's arrays and calls; exact segments, so that any access outside throws. */
final class ConvolutionCase implements AutoCloseable {
    private static final float POISON = -12345;

    final KernelMemory memory;
    final Convolution kernels;
    final Conv2dShape shape;
    final KernelArray in;
    final KernelArray weight;
    final KernelArray bias;
    final KernelArray gradient;
    final KernelArray out;
    final KernelArray dIn;
    final KernelArray dWeight;
    final KernelArray work;
    final KernelArray packed;
    final KernelArray packedForGradient;
    final KernelArray packedWork;

    ConvolutionCase(Kernels bundle, Conv2dShape shape, Placement placement, DoubleSupplier values) {
        this.shape = shape;
        kernels = bundle.convolution();
        memory = new KernelMemory(placement, 1);
        in = filled(memory.input(ConvolutionReference.inSize(shape)), values);
        weight = filled(memory.input(ConvolutionReference.weightSize(shape)), values);
        bias = filled(memory.input(shape.outChannels()), values);
        gradient = filled(memory.input(ConvolutionReference.outSize(shape)), values);
        out = memory.output(gradient.count());
        dIn = memory.output(in.count());
        dWeight = memory.output(weight.count());
        work = memory.scratch(kernels.workspaceSize(shape));
        packed = memory.scratch(kernels.packedWeightSize(shape, ConvolutionPass.FORWARD));
        packedForGradient =
                memory.scratch(kernels.packedWeightSize(shape, ConvolutionPass.INPUT_GRADIENT));
        packedWork = memory.scratch(kernels.packedWorkspaceSize(shape));
    }

    private static KernelArray filled(KernelArray array, DoubleSupplier values) {
        for (long i = 0; i < array.count(); i++) {
            array.set(i, (float) values.getAsDouble());
        }
        return array;
    }

    void forward(boolean hasBias, FusedActivation activation) {
        forward(hasBias, activation, 0, shape.allBands(ConvolutionPass.FORWARD));
    }

    void forward(boolean hasBias, FusedActivation activation, int first, int last) {
        kernels.forward(
                in.segment(),
                in.offset(),
                weight.segment(),
                weight.offset(),
                hasBias,
                bias.segment(),
                bias.offset(),
                shape,
                first,
                last,
                activation,
                work.segment(),
                work.offset(),
                out.segment(),
                out.offset());
    }

    void inputGradient() {
        inputGradient(0, shape.allBands(ConvolutionPass.INPUT_GRADIENT));
    }

    void inputGradient(int first, int last) {
        kernels.inputGradient(
                gradient.segment(),
                gradient.offset(),
                weight.segment(),
                weight.offset(),
                shape,
                first,
                last,
                work.segment(),
                work.offset(),
                dIn.segment(),
                dIn.offset());
    }

    void weightGradient(int first, int last, float beta) {
        kernels.weightGradient(
                in.segment(),
                in.offset(),
                gradient.segment(),
                gradient.offset(),
                shape,
                first,
                last,
                beta,
                work.segment(),
                work.offset(),
                dWeight.segment(),
                dWeight.offset());
    }

    private void pack(ConvolutionPass pass, KernelArray target) {
        pack(pass, target, 0, kernels.weightSlices(shape, pass));
    }

    private void pack(ConvolutionPass pass, KernelArray target, int first, int last) {
        kernels.packWeight(
                weight.segment(),
                weight.offset(),
                shape,
                pass,
                first,
                last,
                packedWork.segment(),
                packedWork.offset(),
                target.segment(),
                target.offset());
    }

    void forwardPacked(boolean hasBias, FusedActivation activation) {
        forwardPacked(hasBias, activation, 0, shape.allBands(ConvolutionPass.FORWARD));
    }

    void forwardPacked(boolean hasBias, FusedActivation activation, int first, int last) {
        pack(ConvolutionPass.FORWARD, packed);
        kernels.forwardPacked(
                in.segment(),
                in.offset(),
                packed.segment(),
                packed.offset(),
                hasBias,
                bias.segment(),
                bias.offset(),
                shape,
                first,
                last,
                activation,
                packedWork.segment(),
                packedWork.offset(),
                out.segment(),
                out.offset());
    }

    void inputGradientPacked() {
        inputGradientPacked(0, shape.allBands(ConvolutionPass.INPUT_GRADIENT));
    }

    void inputGradientPacked(int first, int last) {
        pack(ConvolutionPass.INPUT_GRADIENT, packedForGradient);
        kernels.inputGradientPacked(
                gradient.segment(),
                gradient.offset(),
                packedForGradient.segment(),
                packedForGradient.offset(),
                shape,
                first,
                last,
                packedWork.segment(),
                packedWork.offset(),
                dIn.segment(),
                dIn.offset());
    }

    /** Weights packed in ranges of so many slices give the bits of those packed in one go. */
    void expectPackedSlices(int step) {
        expectPackedSlices(ConvolutionPass.FORWARD, packed, step);
        expectPackedSlices(ConvolutionPass.INPUT_GRADIENT, packedForGradient, step);
    }

    /** Before each range its workspace is overwritten: nothing may be left there for the next. */
    private void expectPackedSlices(ConvolutionPass pass, KernelArray target, int step) {
        int slices = kernels.weightSlices(shape, pass);
        fill(target, POISON);
        pack(pass, target);
        int[] whole = bits(target);
        fill(target, POISON);
        downwards(
                slices,
                step,
                (first, last) -> {
                    fill(packedWork, Float.NaN);
                    pack(pass, target, first, last);
                });
        assertThat(bits(target)).as("%s %s", pass, shape).isEqualTo(whole);
        fill(target, POISON);
        for (int first = 0; first < slices; first += step) {
            fill(packedWork, Float.NaN);
            pack(pass, target, first, Math.min(first + step, slices));
        }
        assertThat(bits(target)).as("%s %s upwards", pass, shape).isEqualTo(whole);
    }

    private static void fill(KernelArray array, float value) {
        for (long i = 0; i < array.count(); i++) {
            array.set(i, value);
        }
    }

    private static int[] bits(KernelArray array) {
        int[] result = new int[(int) array.count()];
        for (int i = 0; i < result.length; i++) {
            result[i] = Float.floatToRawIntBits(array.get(i));
        }
        return result;
    }

    @Override
    public void close() {
        memory.close();
    }

    interface Range {
        void run(int first, int last);
    }

    /** Ranges of so many bands, the last one first. */
    static void downwards(int bands, int step, Range body) {
        for (int first = (bands - 1) / step * step; first >= 0 && bands > 0; first -= step) {
            body.run(first, Math.min(first + step, bands));
        }
    }

    static double[] doubles(KernelArray array) {
        double[] result = new double[(int) array.count()];
        for (int i = 0; i < result.length; i++) {
            result[i] = array.get(i);
        }
        return result;
    }

    static double[] magnitudes(double[] values) {
        double[] result = values.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] = Math.abs(result[i]);
        }
        return result;
    }

    static DoubleSupplier smallIntegers(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return () -> random.nextInt(-4, 5);
    }

    static DoubleSupplier uniform(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return () -> random.nextDouble(-1, 1);
    }

    static double dot(KernelArray a, KernelArray b) {
        double sum = 0;
        for (long i = 0; i < a.count(); i++) {
            sum += (double) a.get(i) * b.get(i);
        }
        return sum;
    }
}
