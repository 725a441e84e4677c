package dev.lanewise.kernels;

/** Convolution and its gradients in double precision, one multiplication after the other. */
final class ConvolutionReference {
    /** Called for every product: positions in input, weight and output. */
    private interface Product {
        void at(int in, int weight, int out);
    }

    private ConvolutionReference() {}

    static double[] forward(Conv2dShape s, double[] in, double[] weight) {
        double[] out = new double[outSize(s)];
        forEach(s, 0, s.batch(), (i, w, o) -> out[o] += in[i] * weight[w]);
        return out;
    }

    static double[] inputGradient(Conv2dShape s, double[] dOut, double[] weight) {
        double[] dIn = new double[inSize(s)];
        forEach(s, 0, s.batch(), (i, w, o) -> dIn[i] += dOut[o] * weight[w]);
        return dIn;
    }

    static double[] weightGradient(
            Conv2dShape s, double[] in, double[] dOut, int firstImage, int lastImage) {
        double[] dWeight = new double[weightSize(s)];
        forEach(s, firstImage, lastImage, (i, w, o) -> dWeight[w] += in[i] * dOut[o]);
        return dWeight;
    }

    static int inSize(Conv2dShape s) {
        return s.batch() * s.inChannels() * s.inHeight() * s.inWidth();
    }

    static int weightSize(Conv2dShape s) {
        return s.outChannels() * (s.inChannels() / s.groups()) * s.kernelHeight() * s.kernelWidth();
    }

    static int outSize(Conv2dShape s) {
        return s.batch() * s.outChannels() * s.outHeight() * s.outWidth();
    }

    private static void forEach(Conv2dShape s, int firstImage, int lastImage, Product product) {
        int groupIn = s.inChannels() / s.groups();
        int groupOut = s.outChannels() / s.groups();
        int o = firstImage * outSize(s) / Math.max(1, s.batch());
        for (int n = firstImage; n < lastImage; n++) {
            for (int k = 0; k < s.outChannels(); k++) {
                for (int y = 0; y < s.outHeight(); y++) {
                    for (int x = 0; x < s.outWidth(); x++, o++) {
                        for (int c = 0; c < groupIn; c++) {
                            int plane = n * s.inChannels() + k / groupOut * groupIn + c;
                            window(s, plane, (k * groupIn + c), y, x, o, product);
                        }
                    }
                }
            }
        }
    }

    private static void window(
            Conv2dShape s, int inPlane, int weightPlane, int y, int x, int out, Product product) {
        for (int r = 0; r < s.kernelHeight(); r++) {
            int i = y * s.strideHeight() - s.padTop() + r * s.dilationHeight();
            for (int q = 0; q < s.kernelWidth(); q++) {
                int j = x * s.strideWidth() - s.padLeft() + q * s.dilationWidth();
                if (i >= 0 && i < s.inHeight() && j >= 0 && j < s.inWidth()) {
                    int w = (weightPlane * s.kernelHeight() + r) * s.kernelWidth() + q;
                    product.at((inPlane * s.inHeight() + i) * s.inWidth() + j, w, out);
                }
            }
        }
    }
}
