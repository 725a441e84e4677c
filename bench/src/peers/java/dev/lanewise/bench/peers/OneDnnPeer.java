package dev.lanewise.bench.peers;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import dev.lanewise.bench.work.AttentionWork;
import dev.lanewise.bench.work.ConvolutionWork;
import dev.lanewise.bench.work.CrossEntropyWork;
import dev.lanewise.bench.work.GateWork;
import dev.lanewise.bench.work.GemmWork;
import dev.lanewise.bench.work.LayerNormGradientWork;
import dev.lanewise.bench.work.LayerNormWork;
import dev.lanewise.bench.work.LstmTrainWork;
import dev.lanewise.bench.work.MapWork;
import dev.lanewise.bench.work.Peer;
import dev.lanewise.bench.work.QuantizedWork;
import dev.lanewise.bench.work.RecurrentWork;
import dev.lanewise.bench.work.RmsNormWork;
import dev.lanewise.bench.work.SoftmaxWork;
import dev.lanewise.bench.work.TransposedConvolutionWork;
import dev.lanewise.bench.work.Work;

import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.normalization_flags;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.layer_normalization_forward;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.softmax_forward;
import org.bytedeco.dnnl.stream;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * oneDNN through its primitives. Weights are reordered to the layout that the primitive likes
 * before the call; activations come and go in plain layout, converted within the call where that is
 * the faster way. It reads {@code OMP_NUM_THREADS} itself.
 */
public final class OneDnnPeer implements Peer {
    private final List<Object> alive = new ArrayList<>();

    @Override
    public String name() {
        return "onednn";
    }

    @Override
    public boolean supports(Work work) {
        return !(work instanceof MapWork map && map.function() == MapWork.Function.ADD)
                && !(work instanceof GateWork)
                && !(work instanceof AttentionWork)
                && !(work instanceof LstmTrainWork)
                && !(work instanceof QuantizedWork)
                && !(work instanceof CrossEntropyWork)
                && !(work instanceof LayerNormGradientWork)
                && !(work instanceof RmsNormWork);
    }

    @Override
    public Runnable prepare(Work work, Work.Data data, Arena arena) {
        engine cpu = keep(new engine(engine.kind.cpu, 0));
        stream queue = keep(new stream(cpu));
        return switch (work) {
            case GemmWork gemm -> gemm(gemm, data, cpu, queue);
            case ConvolutionWork convolution ->
                    new OneDnnConvolution(cpu, queue, alive, true).prepare(convolution, data);
            case TransposedConvolutionWork deconvolution ->
                    new OneDnnConvolution(cpu, queue, alive, true).prepare(deconvolution, data);
            case MapWork map -> map(map, data, cpu, queue);
            case SoftmaxWork softmax -> softmax(softmax, data, cpu, queue);
            case LayerNormWork norm -> layerNorm(norm, data, cpu, queue);
            case RecurrentWork layer ->
                    new OneDnnRecurrent(layer, cpu, queue, alive, arena).prepare(data);
            case GateWork gate -> throw new IllegalArgumentException(gate.id());
            case AttentionWork attention -> throw new IllegalArgumentException(attention.id());
            case LstmTrainWork layer -> throw new IllegalArgumentException(layer.id());
            case QuantizedWork product -> throw new IllegalArgumentException(product.id());
            case CrossEntropyWork loss -> throw new IllegalArgumentException(loss.id());
            case LayerNormGradientWork norm -> throw new IllegalArgumentException(norm.id());
            case RmsNormWork norm -> throw new IllegalArgumentException(norm.id());
        };
    }

    private Runnable gemm(GemmWork gemm, Work.Data data, engine cpu, stream queue) {
        memory.desc a = matrices(gemm.batch(), gemm.m(), gemm.k(), gemm.transposedA());
        memory.desc b = matrices(gemm.batch(), gemm.k(), gemm.n(), gemm.transposedB());
        memory.desc c = matrices(gemm.batch(), gemm.m(), gemm.n(), false);
        memory.desc weights = gemm.packed() ? any(sizes(gemm.batch(), gemm.k(), gemm.n())) : b;
        matmul.primitive_desc description = keep(new matmul.primitive_desc(cpu, a, weights, c));
        IntMemoryMap arguments = keep(new IntMemoryMap());
        arguments.put(DNNL_ARG_SRC, wrap(a, cpu, data.a()));
        arguments.put(
                DNNL_ARG_WEIGHTS, reordered(b, description.weights_desc(), data.b(), cpu, queue));
        arguments.put(DNNL_ARG_DST, wrap(c, cpu, data.out()));
        return execution(keep(new matmul(description)), arguments, queue);
    }

    private static long[] sizes(int batch, int rows, int columns) {
        return batch == 1 ? new long[] {rows, columns} : new long[] {batch, rows, columns};
    }

    /** Matrices that lie row by row or, transposed, column by column. */
    private memory.desc matrices(int batch, int rows, int columns, boolean transposed) {
        memory.format_tag tag =
                batch == 1
                        ? (transposed ? memory.format_tag.ba : memory.format_tag.ab)
                        : (transposed ? memory.format_tag.acb : memory.format_tag.abc);
        return desc(tag, sizes(batch, rows, columns));
    }

    private Runnable map(MapWork map, Work.Data data, engine cpu, stream queue) {
        algorithm function =
                switch (map.function()) {
                    case RELU -> algorithm.eltwise_relu;
                    case EXP -> algorithm.eltwise_exp;
                    case TANH -> algorithm.eltwise_tanh;
                    case SIGMOID -> algorithm.eltwise_logistic;
                    case GELU -> algorithm.eltwise_gelu_erf;
                    case ADD -> throw new IllegalArgumentException(map.id());
                };
        memory.desc line = plain(map.n());
        eltwise_forward.primitive_desc description =
                keep(
                        new eltwise_forward.primitive_desc(
                                cpu, prop_kind.forward_inference, function, line, line));
        return execution(keep(new eltwise_forward(description)), inOut(line, data, cpu), queue);
    }

    private Runnable softmax(SoftmaxWork softmax, Work.Data data, engine cpu, stream queue) {
        memory.desc matrix = plain(softmax.rows(), softmax.columns());
        softmax_forward.primitive_desc description =
                keep(
                        new softmax_forward.primitive_desc(
                                cpu,
                                prop_kind.forward_inference,
                                softmax.log() ? algorithm.softmax_log : algorithm.softmax_accurate,
                                matrix,
                                matrix,
                                1));
        return execution(keep(new softmax_forward(description)), inOut(matrix, data, cpu), queue);
    }

    private Runnable layerNorm(LayerNormWork norm, Work.Data data, engine cpu, stream queue) {
        memory.desc matrix = plain(norm.rows(), norm.columns());
        memory.desc line = plain(norm.columns());
        layer_normalization_forward.primitive_desc description =
                keep(
                        new layer_normalization_forward.primitive_desc(
                                cpu,
                                prop_kind.forward_inference.value,
                                matrix,
                                matrix,
                                LayerNormWork.EPSILON,
                                normalization_flags.use_scale.value
                                        | normalization_flags.use_shift.value));
        IntMemoryMap arguments = inOut(matrix, data, cpu);
        arguments.put(DNNL_ARG_SCALE, wrap(line, cpu, data.b()));
        arguments.put(DNNL_ARG_SHIFT, wrap(line, cpu, data.b().asSlice(4L * norm.columns())));
        return execution(keep(new layer_normalization_forward(description)), arguments, queue);
    }

    private IntMemoryMap inOut(memory.desc layout, Work.Data data, engine cpu) {
        IntMemoryMap arguments = keep(new IntMemoryMap());
        arguments.put(DNNL_ARG_SRC, wrap(layout, cpu, data.a()));
        arguments.put(DNNL_ARG_DST, wrap(layout, cpu, data.out()));
        return arguments;
    }

    private static Runnable execution(primitive work, IntMemoryMap arguments, stream queue) {
        return () -> {
            work.execute(queue, arguments);
            queue._wait();
        };
    }

    /** The weights in the wanted layout: a copy, made now, unless they already have it. */
    private memory reordered(
            memory.desc from, memory.desc to, MemorySegment data, engine cpu, stream queue) {
        memory given = wrap(from, cpu, data);
        if (to.equals(from)) {
            return given;
        }
        memory wanted = keep(new memory(keep(to), cpu));
        new reorder(given, wanted).execute(queue, given, wanted);
        queue._wait();
        return wanted;
    }

    private memory wrap(memory.desc layout, engine cpu, MemorySegment data) {
        return keep(new memory(layout, cpu, keep(NativePointer.of(data))));
    }

    private memory.desc plain(long... sizes) {
        memory.format_tag tag =
                switch (sizes.length) {
                    case 1 -> memory.format_tag.a;
                    case 2 -> memory.format_tag.ab;
                    case 3 -> memory.format_tag.abc;
                    case 4 -> memory.format_tag.abcd;
                    default -> memory.format_tag.abcde;
                };
        return desc(tag, sizes);
    }

    private memory.desc any(long... sizes) {
        return desc(memory.format_tag.any, sizes);
    }

    private memory.desc desc(memory.format_tag tag, long... sizes) {
        return keep(new memory.desc(sizes, memory.data_type.f32, tag));
    }

    /**
     * The bindings free native objects when their Java objects are collected; these must outlive
     * the call.
     */
    private <T> T keep(T object) {
        alive.add(object);
        return object;
    }
}
